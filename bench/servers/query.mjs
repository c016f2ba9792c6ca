// The query of Latchkey's cold verify, prepared, behind a Fastify handler: the least that judging a token by it costs.
import { hash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { DatabaseSync } from '@photostructure/sqlite';
import fastify from 'fastify';
import mysql from 'mysql2';

const { DATABASE_URL, PORT } = process.env;
const source = readFileSync(new URL('../../dist/verification/live-secrets.js', import.meta.url), 'utf8');
/** For one key: the statement has a parameter where the source has an expression. */
const sql = /const sql = `([^`]+)`/.exec(source)?.[1].replace(/\$\{[^}]+\}/, '?');
if (!sql) throw new Error('bench/servers/query.mjs does not find the statement in dist/verification/live-secrets.js.');

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
      if (row.secretId === null) continue; // of an unknown key there is a row, too
      const live = row.expiresAt === null || Number(row.expiresAt) > Date.now();
      if (live && timingSafeEqual(digest, Buffer.from(row.digest, 'hex'))) return { message: row.name };
    }
  }
  return reply.code(401).send({ message: 'Unauthorized' });
});
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
