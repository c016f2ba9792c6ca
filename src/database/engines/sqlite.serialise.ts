import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';

const BREATH_MS = 4;

/**
 * Makes a SQLite DataSource safe for concurrent use, and returns it.
 *
 * TypeORM has one connection for SQLite, so the transactions of concurrent requests nest in each other, and what one of
 * them rolls back takes the acknowledged rows of the others with it. Here every transaction, and every query outside
 * of one, waits for its turn on that connection. SQLite runs a statement synchronously, so no parallel work is lost.
 */
export function serialise(dataSource: DataSource): DataSource {
  const current = new AsyncLocalStorage<{ open: boolean }>();
  const inTransaction = () => current.getStore()?.open === true;
  let last: Promise<unknown> = Promise.resolve();
  let breath = performance.now();
  // One turn follows another without a pause, so a long queue would keep timers and sockets waiting.
  const breathe = async () => {
    if (performance.now() - breath < BREATH_MS) return;
    await setImmediate();
    breath = performance.now();
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(breathe).then(work);
    last = mine.catch(() => undefined);
    return mine;
  };

  const { manager } = dataSource;
  const runner = dataSource.createQueryRunner(); // the one that TypeORM hands to everybody
  const query = runner.query.bind(runner);
  const startTransaction = runner.startTransaction.bind(runner);
  const transaction = manager.transaction.bind(manager) as (...args: unknown[]) => Promise<unknown>;

  runner.query = ((...args: Parameters<typeof query>) =>
    inTransaction() ? query(...args) : inTurn(() => query(...args))) as typeof runner.query;

  runner.startTransaction = (...args) => {
    if (inTransaction()) return startTransaction(...args);
    return Promise.reject(new Error('Use dataSource.transaction(): on SQLite a hand-made one would mix with others.'));
  };

  manager.transaction = ((...args: unknown[]) => {
    if (inTransaction()) return transaction(...args);
    return inTurn(() => {
      const store = { open: true };
      // What a callback starts and does not await runs on after the end of the transaction, and outside of it.
      return current
        .run(store, () => transaction(...args))
        .finally(() => {
          store.open = false;
          current.disable(); // until the next one: it costs each promise of the process, on Node 20 a third of a request
        });
    });
  }) as typeof manager.transaction;

  // These open a transaction of their own underneath.
  for (const method of ['save', 'remove', 'softRemove', 'recover'] as const) {
    const target = manager as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    target[method] = (...args) =>
      manager.transaction((inner: EntityManager) => (inner as unknown as typeof target)[method]!(...args));
  }
  return dataSource;
}
