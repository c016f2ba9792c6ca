import { setTimeout as delay } from 'node:timers/promises';
import { Account, makeRoles } from './accounts.js';
import type { Server } from './database-server.mjs';
import { client } from './http.js';
import { latchkey as command, startProcess } from './process.js';

const ACCOUNTS = 12;
/** Between so many acknowledged changes after its begin a round ends. */
const CHANGES = [40, 400] as const;
const READY_WITHIN_MS = 30_000;

export interface Killed {
  readonly wrong: string[];
  readonly acknowledged: number;
  readonly unanswered: number;
}

/**
 * So many times over: `kill -9` in a stream of concurrent changes, of the server, of the database's server, or of both;
 * then a new start, and a look at all that was acknowledged.
 * @param server the database's server; undefined where it is not to be killed.
 */
export async function killRounds(rounds: number, databaseUrl: string, server: Server | undefined): Promise<Killed> {
  const env = { DATABASE_URL: databaseUrl, LOG_LEVEL: 'info' };
  const made = await command(['keys', 'generate', 'Administrator', '--json'], env);
  const { apiKey, apiSecret } = JSON.parse(made.stdout);
  const auth = `token ${apiKey}:${apiSecret}`;
  const accounts = Array.from({ length: ACCOUNTS }, (_, i) => new Account(`kill.${i}@example.com`, auth));
  const wrong: string[] = [];
  let running = await startProcess(env);
  try {
    await makeRoles(client(running.url), auth);
    for (let round = 0; round < rounds && wrong.length === 0; round++) {
      const kind = server ? (['latchkey', 'both', 'database'] as const)[round % 3] : 'latchkey';
      const enough = CHANGES[0] + Math.random() * (CHANGES[1] - CHANGES[0]);
      await stream(accounts, running.url, enough, async () => {
        await Promise.all([kind !== 'database' && running.end('SIGKILL'), kind !== 'latchkey' && server?.kill()]);
      });
      if (kind !== 'latchkey') await server?.start();
      if (kind !== 'database') running = await startProcess(env);
      await ready(running.url);
      for (const account of accounts) {
        for (const sentence of await account.check(client(running.url)))
          wrong.push(`round ${round}, ${kind}: ${sentence}`);
      }
    }
  } finally {
    await running.end('SIGKILL');
  }
  const sum = (of: (account: Account) => number) => accounts.map(of).reduce((a, b) => a + b, 0);
  return { wrong, acknowledged: sum((each) => each.acknowledged), unanswered: sum((each) => each.unanswered) };
}

/** Changes all accounts at once, and kills when enough was acknowledged; ends when nobody gets an answer any more. */
async function stream(
  accounts: readonly Account[],
  url: string,
  enough: number,
  kill: () => Promise<void>,
): Promise<void> {
  const call = client(url);
  let acknowledged = 0;
  let killed: Promise<void> | undefined;
  await Promise.all(
    accounts.map(async (account) => {
      while (await account.change(call)) if (++acknowledged >= enough) killed ??= kill();
    }),
  );
  await killed;
}

async function ready(url: string): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  while ((await client(url)('GET', '/health/ready')).status !== 200) {
    if (performance.now() > until) throw new Error(`not ready within ${READY_WITHIN_MS} ms`);
    await delay(50);
  }
}
