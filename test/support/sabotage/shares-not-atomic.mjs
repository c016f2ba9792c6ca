// A share is read, judged and written by three steps, between which others do the same.
import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { Database } from '../../../dist/database/database.js';

const BETWEEN_MS = 10;
const KEY = 'api_key = ? AND name = ? AND seconds = ?';
const { write } = Database.prototype;

Database.prototype.write = async function (sql, parameters, timeoutMs) {
  if (!sql.startsWith('UPDATE lk_shares SET used')) return write.call(this, sql, parameters, timeoutMs);
  const [endsAt, taken, , , ...rest] = parameters;
  const [key, [room, requests]] = [rest.slice(0, 3), rest.slice(-2)];
  const [row] = await this.select(`SELECT ends_at AS endsAt, used FROM lk_shares WHERE ${KEY}`, key, timeoutMs);
  const isOver = row && Number(row.endsAt) < endsAt;
  const isThis = row && Number(row.endsAt) === endsAt && Number(row.used) + room <= requests;
  if (!isOver && !isThis) return { affected: 0, returned: undefined };
  await delay(BETWEEN_MS);
  const used = isThis ? Number(row.used) + taken : taken;
  const returning = sql.includes('RETURNING') ? 'RETURNING used AS n' : '';
  await write.call(
    this,
    `UPDATE lk_shares SET ends_at = ?, used = ? WHERE ${KEY} ${returning}`,
    [endsAt, used, ...key],
    timeoutMs,
  );
  return { affected: 1, returned: used };
};
