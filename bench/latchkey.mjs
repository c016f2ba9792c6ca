// Latchkey as it runs in production, and a database for it that has users with a key each.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { freePort } from '../test/support/database-server.mjs';
import { runNode, start, stop } from './processes.mjs';

const AT_ONCE = 8;
/** Whose secret has a rate limit that is not reached: what counting costs. */
const RATED = 'rated@example.com';
const RATE = [{ requests: 20_000, seconds: 1 }];
/** What a secret may be given at most is ten times as much; its networks contain the address of the load. */
const LIMITS = {
  scopes: [
    ...['users', 'roles', 'keys', 'sessions'].flatMap((of) => [`${of}:read`, `${of}:write`]),
    'audit:read',
    'roles:*',
  ],
  allowedNetworks: ['192.0.2.0/24', '2001:db8::/32', '127.0.0.0/8'],
};
/** Live secrets of one key. */
const TWENTY = 20;

/** Starts `dist/main.js` with its log and its metrics on; `metrics` is where they are. */
export async function startLatchkey({ DATABASE_URL, ...env }, options) {
  const METRICS_PORT = await freePort();
  const defaults = { METRICS_PORT, LOG_LEVEL: 'info', BAD_CREDENTIALS_PER_MINUTE: '0', DRAIN_DELAY_MS: 0 };
  const server = await start('../dist/main.js', { DATABASE_URL, ...defaults, ...env }, options);
  return { ...server, metrics: `http://127.0.0.1:${METRICS_PORT}/metrics` };
}

/**
 * Makes the tables and the users, and writes the headers of the rows to files that begin with `prefix`. With `several`,
 * there are as many users again whose secret has scopes and networks, and as many with twenty secrets.
 */
export async function fill(DATABASE_URL, users, prefix, { several = false } = {}) {
  const cli = (...args) => runNode('../dist/cli/main.js', args, { NODE_ENV: 'production', DATABASE_URL });
  await cli('migrate');
  const { apiKey, apiSecret } = JSON.parse(await cli('keys', 'generate', 'Administrator', '--json'));
  const { url, child } = await startLatchkey({ DATABASE_URL });
  const post = async (path, body) => {
    const headers = { authorization: `token ${apiKey}:${apiSecret}`, 'content-type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  /** As many users, each with a key; `generate` makes its secrets and returns the last. */
  const makeKeys = async (name, generate) => {
    const keys = [];
    let next = 0;
    const work = async () => {
      for (let i = next++; i < users; i = next++) {
        const email = `${name}${i}@example.com`;
        await post('/v1/users', { email, fullName: `User ${i}` });
        keys[i] = await generate(email);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return keys;
  };
  const keys = await makeKeys('user', (user) => post('/v1/api-keys', { user }));
  const limited = several ? await makeKeys('limited', (user) => post('/v1/api-keys', { user, ...LIMITS })) : [];
  const twenty = async (user) => {
    const key = await post('/v1/api-keys', { user });
    for (let nth = 2; nth < TWENTY; nth++) await post(`/v1/api-keys/${key.apiKey}/secrets`, { name: `s${nth}` });
    return post(`/v1/api-keys/${key.apiKey}/secrets`, { name: 'last' });
  };
  const withTwenty = several ? await makeKeys('twenty', twenty) : [];
  // One secret for all connections, so that its window is used as fast as can be.
  let rated;
  if (several) {
    await post('/v1/users', { email: RATED, fullName: 'Rated' });
    rated = await post('/v1/api-keys', { user: RATED, limits: RATE });
  }
  await stop(child);

  const write = (name, value, of = keys) => {
    const lines = of.map((key, i) => `Authorization: ${value(key, i)}\n`);
    writeFileSync(`${prefix}.${name}`, lines.join(''));
  };
  const token = (key) => `token ${key.apiKey}:${key.apiSecret}`;
  write('token', token);
  write('limited', token, limited);
  write('twenty', token, withTwenty);
  if (rated)
    write(
      'rated',
      token,
      Array.from({ length: users }, () => rated),
    );
  write('basic', (key) => `Basic ${Buffer.from(`${key.apiKey}:${key.apiSecret}`).toString('base64')}`);
  // A good secret, of somebody else.
  write('wrong', (key, i) => `token ${key.apiKey}:${keys[(i + 1) % users].apiSecret}`);
  write('unknown', (key) => `token lk_${randomBytes(11).toString('hex')}:${key.apiSecret}`);
}
