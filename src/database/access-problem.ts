import { resolve } from 'node:path';
import { parseDatabaseUrl } from './database-url.js';
import { driverErrorOf, messageOf } from './driver-error.js';
import { isFile, type Target } from './engines/engine.js';

/**
 * Why that database can't be used: a sentence with its address, without the password, and what to do. Undefined when the
 * error does not come from a database.
 */
export function databaseProblem(error: unknown, url: string): string | undefined {
  const target = parseDatabaseUrl(url);
  const cause = driverErrorOf(error);
  const remedy = target.engine.remedy(cause, target);
  return remedy && `${whereIs(target)}: ${messageOf(cause)}; ${remedy}.`;
}

/** The address of a database, for people: without its password. */
export function whereIs(target: Target): string {
  if (isFile(target)) return resolve(target.path);
  const { scheme, username, host, port, database } = target;
  return `${scheme}://${username}@${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}
