import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { type Engine, type Server, startServer } from '../support/database-server.mjs';
import { killRounds } from '../support/kill-rounds.js';

const ROUNDS = 10;

let server: Server | undefined;
let database: TestDatabase;

/** With a binary at hand the database server is killed too, with the settings of production; a given one is spared. */
beforeAll(async () => {
  const binary = process.env.TEST_SERVER_BINARY;
  if (ENGINE !== 'sqlite' && binary) server = await startServer(ENGINE as Engine, binary, { durable: true });
  database = await freshDatabase(server?.url);
}, 120_000);
afterAll(async () => {
  if (server) await server.remove();
  else await database.remove();
});

it('kill -9 loses nothing that was acknowledged, and keeps nothing that was refused', async () => {
  const { wrong, acknowledged, unanswered } = await killRounds(ROUNDS, database.url, server);
  expect(wrong).toEqual([]);
  expect(acknowledged).toBeGreaterThan(ROUNDS * 40);
  expect(unanswered).toBeGreaterThan(ROUNDS); // the kills fell into changes that were under way
  process.stdout.write(`${ROUNDS} kills, ${acknowledged} changes acknowledged, ${unanswered} left without an answer\n`);
}, 300_000);
