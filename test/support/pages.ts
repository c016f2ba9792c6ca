import { readFileSync } from 'node:fs';

/** A block of code or a command within the text of a page, in the order in which one reads. */
export interface Step {
  readonly page: string;
  readonly line: number;
  /** What stands behind the fence; `sh` for a command within the text. */
  readonly language: string;
  readonly text: string;
  /** Why it can't run in a test. */
  readonly notRun?: string;
  /** It starts a server, and ends with it alone. */
  readonly untilStopped: boolean;
}

const FENCE = /^```(\w*)$/;
const NOT_RUN = /^<!-- not run here: (.+) -->$/;
const UNTIL_STOPPED = '<!-- runs until stopped -->';
/** Commands within the text that are meant to be typed as they stand. */
const INLINE = /`((?:npx|curl) [^`…]*(?:token …[^`…]*)?)`/g;

/** What a page tells its reader to do. */
export function stepsOf(page: string): Step[] {
  const lines = readFileSync(page, 'utf8').split('\n');
  const steps: Step[] = [];
  for (let i = 0; i < lines.length; i++) {
    const language = FENCE.exec(lines[i]!)?.[1];
    const at = { page, line: i + 1 };
    if (language === undefined) {
      for (const [, text] of lines[i]!.matchAll(INLINE)) {
        steps.push({ ...at, language: 'sh', text: text!, untilStopped: false });
      }
      continue;
    }
    const mark = lines[i - 1] ?? '';
    const end = lines.indexOf('```', i + 1);
    const text = lines.slice(i + 1, end).join('\n');
    steps.push({
      ...at,
      language,
      text,
      notRun: NOT_RUN.exec(mark)?.[1],
      untilStopped: mark === UNTIL_STOPPED,
    });
    i = end;
  }
  return steps;
}

/** The links of a page to files of the project, as they are written. */
export function linksOf(page: string): string[] {
  const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!).filter((target) => !/^\w+:/.test(target));
}

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): string[] {
  const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
