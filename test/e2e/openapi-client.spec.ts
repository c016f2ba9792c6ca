import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { run } from '../support/process.js';

const MODULES = join(process.cwd(), 'node_modules');
const dir = mkdtempSync(join(tmpdir(), 'latchkey-client-'));
let latchkey: TestApp;

beforeAll(async () => {
  latchkey = await startApp();
});
afterAll(async () => {
  await latchkey.close();
  rmSync(dir, { recursive: true, force: true });
});

it('a client with types made from the document compiles, and does all that there is to do', async () => {
  symlinkSync(MODULES, join(dir, 'node_modules'));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  writeFileSync(join(dir, 'openapi.json'), (await latchkey.call('GET', '/docs/openapi.json')).text);
  cpSync('test/openapi-client/round-trip.ts', join(dir, 'round-trip.ts'));
  const node = (env: Record<string, string>, program: string, ...args: string[]) =>
    run(process.execPath, [join(MODULES, program), ...args], env, dir);

  // It checks the document first, and generates nothing from an invalid one.
  const generated = await node({}, 'openapi-typescript/bin/cli.js', 'openapi.json', '-o', 'api.d.ts');
  expect([generated.code, generated.stderr]).toEqual([0, expect.not.stringMatching(/warn|error/i)]);

  // The page has the same types; `npm run client` writes them.
  expect(readFileSync('web/src/api.schema.d.ts', 'utf8')).toBe(readFileSync(join(dir, 'api.d.ts'), 'utf8'));

  const options = '--strict --noUncheckedIndexedAccess --module nodenext --target es2022 --types node'.split(' ');
  const compiled = await node({}, 'typescript/bin/tsc', ...options, 'round-trip.ts');
  expect([compiled.stdout, compiled.code]).toEqual(['', 0]);

  const { token } = await latchkey.key(['System Manager']);
  const env = { LATCHKEY_URL: latchkey.url, LATCHKEY_TOKEN: token };
  const ran = await run(process.execPath, ['round-trip.js'], env, dir);
  expect([ran.stderr, ran.stdout, ran.code]).toEqual(['', 'done\n', 0]);
});
