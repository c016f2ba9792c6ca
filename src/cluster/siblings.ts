import cluster from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Metrics } from '../operations/metrics.js';
import { Lease, LEASE_MS } from '../revocation/lease.js';
import { Peer } from './peer.js';
import type { ToPrimary, ToWorker } from './protocol.js';

/** A timer of Node may be early by less than a millisecond, and clocks differ by less than one in a thousand. */
const SPARE_MS = 2;

/**
 * Makes this process one of those that share the port, before it listens: what is revoked by one is refused by all from
 * the answer on.
 * @returns the primary.
 */
export async function joinPort(app: INestApplicationContext): Promise<Peer<ToWorker, ToPrimary>> {
  const lease = app.get(Lease);
  const worker = cluster.worker!;
  // Without a primary there is no port, and nobody to end this process. Node would end it at once.
  worker.once('disconnect', () => {
    worker.exitedAfterDisconnect = true;
    void leave();
  });
  const leave = async () => {
    await app.close();
    process.exit(0);
  };
  const primary = new Peer<ToWorker, ToPrimary>(process, {
    change: (change) => lease.add(change),
    metrics: () => app.get(Metrics).asJson(),
    alive: () => undefined,
    leave: () => void leave(),
  });
  // A worker that does not say that it knows may be frozen. Whatever it had cached when the change was committed, or was
  // reading then, it uses no more once its lease has ended.
  app
    .get(Database)
    .onChange((change) =>
      Promise.race([primary.ask('change', change), delay(LEASE_MS + SPARE_MS, undefined, { ref: false })]),
    );
  await primary.ask('join');
  return primary;
}
