import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds in the page as it is: a line for each rule, with the elements. */
export async function axe(page: Page): Promise<string[]> {
  // By the debugger: the page's policy takes no script from elsewhere.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  return page.evaluate(async (tags) => {
    // The person's own colours; axe takes those of the page for them.
    const rules = { 'color-contrast': { enabled: !matchMedia('(forced-colors: active)').matches } };
    // oxlint-disable-next-line typescript/no-explicit-any -- axe's own types are not worth a build step
    const { violations } = await (globalThis as any).axe.run(document, { runOnly: tags, rules });
    return violations.map(
      ({ id, nodes }: { id: string; nodes: { html: string }[] }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
    );
  }, TAGS);
}
