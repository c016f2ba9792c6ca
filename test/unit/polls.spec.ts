import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { sqlite } from '../../src/database/engines/sqlite.js';
import { OwnConnection } from '../../src/database/own-connection.js';
import { Lease } from '../../src/revocation/lease.js';

it('a question on a connection that is still being opened is given up in time', async () => {
  class Connection {
    connect(callback: (error: null) => void) {
      setTimeout(callback, 300, null);
    }
    query(_sql: string, callback: (error: null, rows: unknown[]) => void) {
      callback(null, []);
    }
    on() {}
    destroy() {}
  }
  const driver = { mysql: { Connection }, pool: { config: { connectionConfig: {} } } };
  const connection = new OwnConnection({ driver, options: { type: 'mysql' } } as never);
  const opened = connection.open();
  await expect(connection.query('SELECT 1', 50)).rejects.toThrow('did not answer within 50 ms');
  await opened;
});

it.each([
  ['an engine that has not been tried', { type: 'postgres' }],
  ['a database in memory', { type: 'better-sqlite3', database: ':memory:' }],
])('%s is asked on the connections that are there', async (_, options) => {
  const connection = new OwnConnection({ options, driver: {}, query: async (sql: string) => [sql] } as never);
  expect([await connection.open(), await connection.open()]).toEqual([true, false]);
  expect(await connection.query('SELECT 1', 50)).toEqual(['SELECT 1']);
});

it('polls are asked one at a time, also when one of them fails', async () => {
  let underWay = 0;
  let most = 0;
  const query = async () => {
    most = Math.max(most, ++underWay);
    await delay(20);
    underWay--;
    throw new Error('no answer');
  };
  const open = async () => {
    await delay(5);
    return false;
  };
  const database = {
    engine: sqlite,
    onChange: () => undefined,
    ownConnection: () => ({ open, query, close: () => undefined }),
  };
  const lease = new Lease(database as unknown as Database);
  const asked: Promise<unknown>[] = [];
  for (let i = 0; i < 100; i++) {
    asked.push(lease.renew(performance.now()).catch(() => undefined));
    await delay(1);
  }
  await Promise.all(asked);
  lease.onApplicationShutdown();
  expect(most).toBe(1);
});
