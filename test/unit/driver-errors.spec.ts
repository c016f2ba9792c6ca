import { expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { isDuplicate, isRetryable, isUnavailable } from '../../src/database/driver-errors.js';

const error = (fields: object, message = 'x') => Object.assign(new Error(message), fields);

it.each([
  { code: 'ECONNREFUSED' },
  { code: 'PROTOCOL_CONNECTION_LOST', fatal: true },
  { code: 'PROTOCOL_SEQUENCE_TIMEOUT' },
  { errno: 1040, code: 'ER_CON_COUNT_ERROR' },
  { errno: 1045 },
  { errno: 1047 },
  { errno: 1205 },
  { errcode: 5 },
  { errcode: 261 }, // SQLITE_BUSY_RECOVERY
  { errcode: 778 }, // SQLITE_IOERR_WRITE
])('%j: the database is away', (fields) => {
  expect(isUnavailable(error(fields))).toBe(true);
  expect(isUnavailable(new QueryFailedError('SELECT 1', [], error(fields)))).toBe(true);
});

it.each([{ errno: 1062 }, { errno: 1146 }, { errcode: 2067 }, { errcode: 1 }, {}, { code: 'ERR_X' }])(
  '%j: it has answered',
  (fields) => {
    expect(isUnavailable(error(fields))).toBe(false);
  },
);

it('tells duplicates and what may be tried again', () => {
  expect([{ errno: 1062 }, { errcode: 2067 }, { errcode: 1555 }].map((fields) => isDuplicate(error(fields)))).toEqual([
    true,
    true,
    true,
  ]);
  expect([{ errno: 1452 }, { errcode: 787 }, {}].map((fields) => isDuplicate(error(fields)))).toEqual([
    false,
    false,
    false,
  ]);
  expect([1213, 1205, 3101, 1020].every((errno) => isRetryable(error({ errno })))).toBe(true);
  expect(isRetryable(error({ errno: 1180 }, 'Got error 149 "Lock deadlock" during COMMIT'))).toBe(true);
  expect(isRetryable(error({ errno: 1180 }, 'Got error 28 during COMMIT'))).toBe(false);
  expect(isUnavailable(undefined)).toBe(false);
});
