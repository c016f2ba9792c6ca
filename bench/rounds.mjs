// What the benchmarks have in common: their rows, and rounds of them.
import { readFileSync } from 'node:fs';
import { load } from './processes.mjs';

/** In its first seconds, before V8 has compiled what is hot, a server takes twice as long. */
export const WARM_UP_SECONDS = 5;
/** Before each run: in its first second after others had the core, a server takes up to half as long again. */
const LEAD_IN_SECONDS = 1;

export const number = (name, fallback) => {
  const value = Number(process.env[name] || fallback);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} has to be a whole number from 1 on.`);
  return value;
};

/** Aborted by a signal; what takes long looks at it. */
export const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort(new Error('Interrupted.')));

export const say = (text) => process.stderr.write(`${text}\n`);

/** An open method, one that needs a credential, and their answers. */
export const PING = { path: '/api/method/ping', status: 200, body: () => 'pong' };
export const WHO = {
  path: '/api/method/frappe.auth.get_logged_user',
  status: 200,
  body: (i) => `user${i}@example.com`,
};

/** Sends each header of the row once: the answer has to be the one that is expected. Fills caches, too. */
export async function check({ name, path, status, body, headersFile, url }) {
  const lines = headersFile ? readFileSync(headersFile, 'utf8').trim().split('\n') : [undefined];
  for (const [i, line] of lines.entries()) {
    const response = await fetch(url + path, { headers: line ? [line.split(': ')] : [] });
    const text = await response.text();
    if (response.status !== status || (body && JSON.parse(text).message !== body(i))) {
      throw new Error(`${name}: request ${i} was answered with ${response.status} ${text}`);
    }
  }
}

/** One run of a row, which goes on in its headers where the last one ended. */
export async function run(row, seconds) {
  interrupted.signal.throwIfAborted();
  const sample = await load({ ...row, url: row.url + row.path, first: row.sent ?? 0, seconds });
  row.sent = (row.sent ?? 0) + sample.requests;
  return sample;
}

/** One run of each row; back and forth, so that a machine that becomes slower or faster favours no row. */
export async function round(rows, nth, seconds, keep) {
  for (const row of nth % 2 ? rows : rows.toReversed()) {
    if (keep) await run(row, LEAD_IN_SECONDS);
    const sample = await run(row, seconds);
    if (keep) row.samples.push(sample);
    say(`${keep ? `Round ${nth}` : 'Warming up'}: ${row.title}: ${Math.round(sample.perSecond)} a second`);
  }
}

/** What was asked for; a URL may hold a password. */
export function commandLine(script, names) {
  const parts = names
    .filter((name) => process.env[name])
    .map((name) => `${name}=${name === 'BENCH_MYSQL_URL' ? 'mysql://…' : process.env[name]}`);
  return [...parts, `npm run ${script}`].join(' ');
}
