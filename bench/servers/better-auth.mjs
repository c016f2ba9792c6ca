// better-auth with its api-key plugin behind a Fastify route, on SQLite, by its documentation: `betterAuth` with a Kysely
// dialect (its own, for node:sqlite, whose interface the driver has), `getMigrations`, `auth.api.createApiKey`, and
// `auth.api.verifyApiKey` for each request. WAL and synchronous = NORMAL are favours: it writes at each request, and would
// wait for the disk.
import { writeFileSync } from 'node:fs';
import { apiKey } from '@better-auth/api-key';
import { NodeSqliteDialect } from '@better-auth/kysely-adapter/node-sqlite-dialect';
import { DatabaseSync } from '@photostructure/sqlite';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import fastify from 'fastify';

const { DATABASE_FILE, HEADERS_FILE, LIMITS, PORT, USERS } = process.env;
const database = new DatabaseSync(DATABASE_FILE);
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');

// As installed, a key is good for 10 requests a day: the counting stays on, the number goes out of the way.
const rateLimit = LIMITS === 'off' ? { enabled: false } : { maxRequests: 1e9 };
const auth = betterAuth({
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: crypto.randomUUID() + crypto.randomUUID(),
  database: { dialect: new NodeSqliteDialect({ database }), type: 'sqlite' },
  plugins: [apiKey({ rateLimit })],
});

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
const { internalAdapter } = await auth.$context;
const lines = [];
for (let i = 0; i < Number(USERS); i++) {
  const email = `user${i}@example.com`;
  const user = await internalAdapter.createUser({ email, name: email, emailVerified: true });
  const { key } = await auth.api.createApiKey({ body: { userId: user.id, name: email } });
  lines.push(`x-api-key: ${key}\n`);
}
writeFileSync(HEADERS_FILE, lines.join(''));

const app = fastify();
app.get('/api/method/ping', () => ({ message: 'pong' }));
app.get('/api/method/frappe.auth.get_logged_user', async (request, reply) => {
  const { valid, key } = await auth.api.verifyApiKey({ body: { key: request.headers['x-api-key'] ?? '' } });
  return valid ? { message: key.name } : reply.code(401).send({ message: 'Unauthorized' });
});
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
