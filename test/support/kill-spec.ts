import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ENGINE, freshDatabase, type TestDatabase } from './app.js';
import { type Engine, type Server, startServer } from './database-server.mjs';
import { killRounds } from './kill-rounds.js';

/**
 * A suite of that many kills, done within `limitMs`. With a binary at hand the database server is killed too, with the settings of production; a
 * given one is spared.
 */
export function specOfKills(rounds: number, limitMs: number): void {
  let server: Server | undefined;
  let database: TestDatabase;

  beforeAll(async () => {
    const binary = process.env.TEST_SERVER_BINARY;
    if (ENGINE !== 'sqlite' && binary) server = await startServer(ENGINE as Engine, binary, { durable: true });
    database = await freshDatabase(server?.url);
  }, 120_000);
  afterAll(async () => {
    if (server) await server.remove();
    else await database.remove();
  });

  it(
    'kill -9 loses nothing that was acknowledged, and keeps nothing that was refused',
    async () => {
      const { wrong, acknowledged, unanswered } = await killRounds(rounds, database.url, server);
      process.stdout.write(`${rounds} kills, ${acknowledged} changes acknowledged, ${unanswered} without an answer\n`);
      expect(wrong).toEqual([]);
      expect(acknowledged).toBeGreaterThan(rounds * 40);
      expect(unanswered).toBeGreaterThan(rounds); // the kills fell into changes that were under way
    },
    limitMs,
  );
}
