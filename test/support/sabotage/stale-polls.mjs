// Polls read what was so some seconds ago, as on a replica that lags.
import 'reflect-metadata';
import { OwnConnection } from '../../../dist/database/own-connection.js';

const STALE_MS = 4000;
const { query } = OwnConnection.prototype;
const snapshots = new WeakMap();

OwnConnection.prototype.query = async function (sql, timeoutMs) {
  const now = performance.now();
  if (now - (snapshots.get(this) ?? -Infinity) > STALE_MS) {
    await query.call(this, 'START TRANSACTION WITH CONSISTENT SNAPSHOT', timeoutMs);
    snapshots.set(this, now);
  }
  return query.call(this, sql, timeoutMs);
};
