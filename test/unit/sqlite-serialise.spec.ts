import { afterEach, describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { SqliteDatabase } from '../../src/database/engines/sqlite.driver.js';
import { serialise } from '../../src/database/engines/sqlite.serialise.js';
import { Role } from '../../src/users/role.entity.js';

let dataSource: DataSource;
async function open(): Promise<DataSource> {
  const options = { type: 'better-sqlite3' as const, driver: SqliteDatabase, database: ':memory:', entities: [Role] };
  dataSource = await new DataSource({ ...options, synchronize: true }).initialize();
  return dataSource;
}
afterEach(() => dataSource.destroy());

const names = async () => (await dataSource.manager.find(Role)).map(({ name }) => name).toSorted();

/** A opens and waits, B commits meanwhile, C writes outside of any transaction, A rolls back. */
async function overlap(): Promise<void> {
  const a = dataSource.transaction(async (manager) => {
    await manager.insert(Role, { name: 'a' });
    for (let i = 0; i < 20; i++) await turn();
    throw new Error('rolled back');
  });
  const rolledBack = expect(a).rejects.toThrow('rolled back');
  await turn();
  const b = dataSource.transaction((manager) => manager.insert(Role, { name: 'b' }));
  const c = dataSource.manager.insert(Role, { name: 'c' });
  const d = dataSource.manager.save(Role, { name: 'd' });
  await Promise.allSettled([b, c, d]);
  await rolledBack;
}

it('without it, acknowledged rows are lost', async () => {
  await open();
  await overlap();
  expect(await names()).not.toEqual(['b', 'c', 'd']);
});

describe('with it', () => {
  it('every acknowledged row is there, and no other', async () => {
    serialise(await open());
    await overlap();
    expect(await names()).toEqual(['b', 'c', 'd']);
  });

  it('nobody reads what is not committed', async () => {
    serialise(await open());
    const transaction = dataSource.transaction(async (manager) => {
      await manager.insert(Role, { name: 'a' });
      await turn();
      throw new Error('rolled back');
    });
    const rolledBack = expect(transaction).rejects.toThrow('rolled back');
    await turn();
    expect(await names()).toEqual([]);
    await rolledBack;
  });

  it('a transaction in a transaction is part of it', async () => {
    serialise(await open());
    await dataSource.transaction(async (manager) => {
      await manager.insert(Role, { name: 'a' });
      await dataSource.transaction((inner) => inner.insert(Role, { name: 'b' }));
      await expect(manager.transaction(() => Promise.reject(new Error('inner')))).rejects.toThrow('inner');
      await dataSource.manager.save(Role, { name: 'c' });
    });
    expect(await names()).toEqual(['a', 'b', 'c']);
  });

  it('what a transaction has started and not awaited waits for its turn', async () => {
    serialise(await open());
    let late: Promise<unknown> = Promise.resolve();
    await dataSource.transaction(async (manager) => {
      await manager.insert(Role, { name: 'a' });
      late = (async () => {
        for (let i = 0; i < 10; i++) await turn();
        await dataSource.manager.insert(Role, { name: 'late' });
      })();
    });
    const failing = dataSource.transaction(async (manager) => {
      await manager.insert(Role, { name: 'x' });
      for (let i = 0; i < 20; i++) await turn();
      throw new Error('rolled back');
    });
    const rolledBack = expect(failing).rejects.toThrow('rolled back');
    await late;
    await rolledBack;
    expect(await names()).toEqual(['a', 'late']);
  });

  it('a hand-made transaction is refused, and a failed one holds nobody up', async () => {
    serialise(await open());
    await expect(dataSource.createQueryRunner().startTransaction()).rejects.toThrow('dataSource.transaction()');
    await expect(dataSource.query('nonsense')).rejects.toThrow('nonsense');
    await dataSource.manager.insert(Role, { name: 'a' });
    expect(await names()).toEqual(['a']);
  });
});
