// The table of suites in CONTRIBUTING.md, which decides what runs where. Who adds a suite adds its row.
import { readdirSync, readFileSync } from 'node:fs';

const LANES = ['fast', 'long', 'release'];
const ENGINES = ['SQLite', 'MySQL', 'MariaDB'];
/** What the gate may take, in seconds, on two cores. To be lowered with it: half an hour is wanted. */
export const BUDGET = 45 * 60;
/** Folders whose suites have one row together. */
const WHOLE = ['unit'];

/**
 * @returns the rows: `{ suite, engines: ['sqlite', …], lane: 'fast' | 'long' | 'release', alone, seconds }`, where `seconds` is of
 * all engines together, and `alone` says that no other suite may run beside it.
 * @throws Error with all that is wrong with the table
 */
export function readSuites() {
  const text = readFileSync(new URL('../CONTRIBUTING.md', import.meta.url), 'utf8');
  const suites = [...text.matchAll(/^\| `([a-z0-9/-]+)` +\| ([^|]+) \| ([^|]+) \| +(\d+) \|/gm)].map(
    ([, suite, engines, where, seconds]) => {
      const [lane, alone] = where.trim().split(', ');
      const named = { each: ENGINES, none: [] }[engines.trim()] ?? engines.trim().split(', ');
      return {
        suite,
        engines: named.map((name) => name.toLowerCase()),
        lane,
        alone: alone === 'alone',
        seconds: +seconds,
      };
    },
  );
  const problems = [...suites.flatMap(problemsOf), ...missing(suites)];
  if (problems.length > 0) throw new Error(`CONTRIBUTING.md, table of suites: ${problems.join('; ')}.`);
  return suites;
}

/** @returns the seconds of the gate: where nothing is alone, two suites run at once. */
export function planned(suites) {
  const ofTheGate = suites.filter(({ lane }) => lane !== 'release');
  return Math.round(ofTheGate.reduce((sum, { alone, seconds }) => sum + (alone ? seconds : seconds / 2), 0));
}

function problemsOf({ suite, engines, lane }) {
  const known = ENGINES.map((name) => name.toLowerCase());
  return [
    ...(LANES.includes(lane) ? [] : [`${suite} is in no lane of ${LANES.join(', ')}`]),
    ...engines.filter((name) => !known.includes(name)).map((name) => `${suite} names an unknown engine, ${name}`),
  ];
}

function missing(suites) {
  const folder = new URL('.', import.meta.url);
  const files = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith('.spec.ts'));
  const here = new Set(files.map((path) => suiteOf(path)));
  const rows = new Set(suites.map(({ suite }) => suite));
  return [
    ...[...here].filter((suite) => !rows.has(suite)).map((suite) => `${suite} has no row`),
    ...[...rows].filter((suite) => !here.has(suite)).map((suite) => `there is no ${suite}`),
  ];
}

/** @returns the row's name for a file below `test`. */
export function suiteOf(path) {
  const folder = path.split('/')[0];
  return WHOLE.includes(folder) ? folder : path.replace('.spec.ts', '');
}
