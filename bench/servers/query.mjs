// The query of Latchkey's cold verify, prepared, behind a Fastify handler: the least that judging a token by it costs.
import { hash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { DatabaseSync } from '@photostructure/sqlite';
import fastify from 'fastify';
import mysql from 'mysql2';

const { DATABASE_URL, PORT } = process.env;
const verifier = readFileSync(new URL('../../dist/api-keys/api-key.verifier.js', import.meta.url), 'utf8');
const [, sql] = /LIVE_SECRETS = `([^`]+)`/.exec(verifier) ?? [];
if (!sql) throw new Error('bench/servers/query.mjs does not find LIVE_SECRETS in dist/api-keys/api-key.verifier.js.');

const app = fastify();

/** What asks for the rows of a key. */
function select() {
  if (DATABASE_URL.startsWith('sqlite:')) {
    const database = new DatabaseSync(DATABASE_URL.slice('sqlite:'.length));
    const statement = database.prepare(sql);
    app.addHook('onClose', () => database.close()); // and it is not collected before, which would close it
    return (apiKey) => statement.all(apiKey);
  }
  const pool = mysql.createPool({ uri: DATABASE_URL, connectionLimit: 10 });
  const execute = promisify(pool.execute.bind(pool));
  return (apiKey) => execute(sql, [apiKey]);
}

const ask = select();
app.get('/api/method/ping', () => ({ message: 'pong' }));
app.get('/api/method/frappe.auth.get_logged_user', async (request, reply) => {
  const [, apiKey, apiSecret] = /^token ([^:]+):(.+)$/.exec(request.headers.authorization ?? '') ?? [];
  if (apiKey !== undefined) {
    const digest = Buffer.from(hash('sha256', apiSecret), 'hex');
    for (const row of await ask(apiKey)) {
      const live = row.expiresAt === null || Number(row.expiresAt) > Date.now();
      if (live && timingSafeEqual(digest, Buffer.from(row.digest, 'hex'))) return { message: row.name };
    }
  }
  return reply.code(401).send({ message: 'Unauthorized' });
});
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
