import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SRC = join(process.cwd(), 'src');
const COMMENTS = /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm;
/** The name of an engine or of a driver as a value, and TypeORM's name of it. */
const ASKS = /(['"`])(mysql|mariadb|sqlite|better-sqlite3|sqljs|postgres|mysql2|pg)\1|\boptions\.type\b|\bisMysql\b/;

it('nothing but src/database/engines asks which engine it is', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const asking = files
    .filter((path) => !path.startsWith(join('database', 'engines')))
    .flatMap((path) => {
      const lines = readFileSync(join(SRC, path), 'utf8').replace(COMMENTS, '').split('\n');
      return lines.filter((line) => ASKS.test(line)).map((line) => `${path}: ${line.trim()}`);
    });
  expect(files.length).toBeGreaterThan(100);
  expect(asking).toEqual([]);
});
