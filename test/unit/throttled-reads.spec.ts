import { expect, it } from '@jest/globals';
import { LatchkeyError } from '../../src/latchkey.error.js';
import type { KeyRecord } from '../../src/verification/key-record.js';
import { LiveSecrets } from '../../src/verification/live-secrets.js';
import { ThrottledReads } from '../../src/verification/throttled-reads.js';

const GOOD: KeyRecord = { userId: 'id', secrets: LiveSecrets.none };

it('reads those who came in the same moment by one query, each key once', async () => {
  const asked: string[][] = [];
  const reads = new ThrottledReads(async (apiKeys) => {
    asked.push(apiKeys);
    return () => GOOD;
  });
  await Promise.all(['a', 'b', 'a'].map((apiKey) => reads.read('192.0.2.1', apiKey)));
  expect(asked).toEqual([['a', 'b']]);
});

it('refuses the caller whose key was read too long ago, and nobody else', async () => {
  const reads = new ThrottledReads(async () => (apiKey) => {
    if (apiKey === 'stale') throw new LatchkeyError('unavailable', 'too slow');
    return GOOD;
  });
  const all = await Promise.allSettled(['stale', 'good', 'good'].map((apiKey) => reads.read('192.0.2.1', apiKey)));
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
});

it('hands a database that is away on to all who wait', async () => {
  const reads = new ThrottledReads(() => Promise.reject(new Error('away')));
  const all = await Promise.allSettled(['a', 'b'].map((apiKey) => reads.read('192.0.2.1', apiKey)));
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
