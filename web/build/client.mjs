// Writes the types of the REST API for the page, from the document of the server as it is built.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { createApp } from '../../dist/app.js';
import { loadConfig } from '../../dist/config.js';
import { makeLogger } from '../../dist/operations/logger.js';

const dir = mkdtempSync(join(tmpdir(), 'latchkey-client-'));
const config = loadConfig({ DATABASE_URL: `sqlite:${dir}/latchkey.sqlite`, DOCS: 'on' });
const app = await createApp(config, makeLogger('fatal'));
try {
  await app.listen(0);
  const document = await (await fetch(`${await app.getUrl()}/docs/openapi.json`)).json();
  const source = await openapiTS(document);
  const file = new URL('../src/api.schema.d.ts', import.meta.url);
  writeFileSync(file, `${COMMENT_HEADER}${astToString(source)}`);
} finally {
  await app.close();
  rmSync(dir, { recursive: true, force: true });
}
