import { expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '../../src/database/engines/sqlite.driver.js';

it('text with a NUL is not taken for what comes before it', () => {
  const db = new SqliteDatabase(':memory:', { timeout: 0 });
  db.prepare('CREATE TABLE names (name text)').run();
  db.prepare('INSERT INTO names VALUES (?)').run('Administrator');
  const find = (name: string) => db.prepare('SELECT name FROM names WHERE name = ?').all(name);
  expect(find('Administrator')).toEqual([{ name: 'Administrator' }]);
  for (const name of ['Administrator\0', 'Administrator\0x', '\0']) expect(find(name)).toEqual([]);
  db.close();
});

it('a transaction takes the lock at its start, so that it never fails for having read before', () => {
  const dir = mkdtempSync(join(tmpdir(), 'latchkey-driver-'));
  const [one, two] = [0, 1].map(() => new SqliteDatabase(join(dir, 'x.sqlite'), { timeout: 0 })) as [
    SqliteDatabase,
    SqliteDatabase,
  ];
  one.prepare('BEGIN TRANSACTION').run();
  expect(() => two.prepare('BEGIN TRANSACTION').run()).toThrow('locked');
  one.prepare('COMMIT').run();
  two.prepare('BEGIN TRANSACTION').run();
  one.close();
  two.close();
  rmSync(dir, { recursive: true });
});

it('a read that the file does not allow tells the result code, as a write does', () => {
  const dir = mkdtempSync(join(tmpdir(), 'latchkey-driver-'));
  const [one, two] = [0, 1].map(() => new SqliteDatabase(join(dir, 'x.sqlite'), { timeout: 0 })) as [
    SqliteDatabase,
    SqliteDatabase,
  ];
  one.prepare('CREATE TABLE names (name text)').run();
  const read = two.prepare('SELECT name FROM names');
  one.prepare('BEGIN EXCLUSIVE').run();
  expect(() => read.all()).toThrow(expect.objectContaining({ message: 'database is locked', errcode: 5 }));
  one.prepare('ROLLBACK').run();
  expect(read.all()).toEqual([]);
  one.close();
  two.close();
  rmSync(dir, { recursive: true });
});

it('values come back as they went in', () => {
  const db = new SqliteDatabase(':memory:', { timeout: 0 });
  const select = db.prepare('SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e');
  const at = new Date('2026-01-02T03:04:05.678Z');
  expect(select.reader).toBe(true);
  expect(select.all(true, null, undefined, at, Buffer.from([1, 2]))).toEqual([
    { a: 1, b: null, c: null, d: '2026-01-02 03:04:05.678', e: Buffer.from([1, 2]) },
  ]);
  db.close();
});
