import { relative } from 'node:path';
import { readSuites, suiteOf } from './suites.mjs';

/** Jest's order of files: the longest first, so that no core is left alone with one at the end. */
export default class LongestFirst {
  sort(tests) {
    const seconds = new Map(readSuites().map((row) => [row.suite, row.seconds / row.engines.length]));
    const of = ({ path }) => seconds.get(suiteOf(relative('test', path))) ?? 0;
    return tests.toSorted((a, b) => of(b) - of(a));
  }

  cacheResults() {} // Jest asks for it
}
