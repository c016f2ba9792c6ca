import type { DataSource } from 'typeorm';
import { type AuditRecord, canonicalJson, type ChainHead, hashOf, START_OF_CHAIN } from '../../src/audit/chain.js';
import { expect } from '@jest/globals';
import type { TestApp } from './app.js';

/** A DataSource, or a transaction of it. */
type Asked = Pick<DataSource, 'query'>;

/** A row as the database has it; numbers as the driver gives them. */
export type Stored = Record<string, string | number | null>;

const COLUMNS =
  'n, at, event, actor, credential, subject, api_key, secret_id, address, user_agent, request_id, details, hash';

/** All rows of the trail, by n, straight from the table. */
export async function storedRows(dataSource: Asked): Promise<Stored[]> {
  return dataSource.query(`SELECT ${COLUMNS} FROM lk_audit ORDER BY n`);
}

/** As `GET /v1/audit` has them: this is not the code that the server reads them with. */
export function asRecord(row: Stored): AuditRecord {
  const { n, at, api_key: apiKey, secret_id: secretId, user_agent: userAgent, request_id: requestId, ...rest } = row;
  const { event, actor, credential, subject, address, details, hash } = rest;
  const where = { address, userAgent, requestId, details: JSON.parse(String(details)) as unknown, hash };
  const record = { n: Number(n), at: new Date(Number(at)), event, actor, credential, subject, apiKey, secretId };
  return { ...record, ...where } as AuditRecord;
}

export async function insertRow(dataSource: Asked, row: Stored): Promise<void> {
  const columns = Object.keys(row);
  const places = columns.map(() => '?').join(', ');
  await dataSource.query(`INSERT INTO lk_audit (${columns.join(', ')}) VALUES (${places})`, Object.values(row));
}

export interface StoredHead {
  readonly audit_n: number;
  readonly audit_hash: string;
  readonly audit_at: number;
}

export async function storedHead(dataSource: Asked): Promise<StoredHead> {
  const [row] = await dataSource.query('SELECT audit_n, audit_hash, audit_at FROM lk_revision WHERE id = 1');
  return { audit_n: Number(row.audit_n), audit_hash: row.audit_hash, audit_at: Number(row.audit_at) };
}

export async function setHead(dataSource: Asked, head: StoredHead): Promise<void> {
  const sql = 'UPDATE lk_revision SET audit_n = ?, audit_hash = ?, audit_at = ? WHERE id = 1';
  await dataSource.query(sql, [head.audit_n, head.audit_hash, head.audit_at]);
}

/** The rows with numbers, hashes and stored form, as a chain that goes on from `from`. */
export function chained(
  rows: readonly Omit<AuditRecord, 'n' | 'hash'>[],
  from: ChainHead = START_OF_CHAIN,
): { rows: Stored[]; head: StoredHead } {
  let { n, hash } = from;
  const stored = rows.map((row): Stored => {
    hash = hashOf(hash, { ...row, n: ++n });
    const { at, apiKey, secretId, userAgent, requestId, details, event, actor, credential, subject, address } = row;
    const about = { subject, api_key: apiKey, secret_id: secretId };
    const where = { address, user_agent: userAgent, request_id: requestId };
    return { n, at: at.getTime(), event, actor, credential, ...about, ...where, details: canonicalJson(details), hash };
  });
  const at = Number(stored.at(-1)?.at ?? 0);
  return { rows: stored, head: { audit_n: n, audit_hash: hash, audit_at: at } };
}

/** Puts rows into the table straight away: tens of thousands in a second. */
export async function insertRows(dataSource: Asked, rows: readonly Stored[]): Promise<void> {
  const size = 500;
  for (let i = 0; i < rows.length; i += size) {
    const some = rows.slice(i, i + size);
    const columns = Object.keys(some[0]!);
    const places = some.map(() => `(${columns.map(() => '?').join(', ')})`).join(', ');
    const values = some.flatMap((row) => columns.map((column) => row[column]));
    await dataSource.query(`INSERT INTO lk_audit (${columns.join(', ')}) VALUES ${places}`, values);
  }
}

/** A row as an answer has it. */
export type Told = Omit<AuditRecord, 'at'> & { readonly at: string };

/** All rows that fit, by pages, newest first. */
export async function allPages(
  { call }: Pick<TestApp, 'call'>,
  auth: string,
  query: Record<string, string>,
  path = '/v1/audit',
): Promise<Told[]> {
  const rows: Told[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const asked = new URLSearchParams({ ...query, ...(cursor && { cursor }) }).toString();
    const { status, json, text } = await call('GET', `${path}?${asked}`, { auth });
    expect([status, status === 200 ? '' : text]).toEqual([200, '']);
    rows.push(...json.data);
    cursor = json.nextCursor;
  }
  return rows;
}

/** All rows that fit, by NDJSON, oldest first. */
export async function allLines(
  { call }: Pick<TestApp, 'call'>,
  auth: string,
  query: Record<string, string> = {},
): Promise<Told[]> {
  const asked = new URLSearchParams(query).toString();
  const answer = await call('GET', `/v1/audit?${asked}`, { auth, headers: { accept: 'application/x-ndjson' } });
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
  return linesOf(answer.text);
}

export function linesOf(text: string): Told[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told);
}
