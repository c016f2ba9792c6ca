import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { DUMMY, makeApiKey, makeApiSecret, matcherOf, storedForm } from '../../src/api-keys/api-secret.js';

describe('a secret', () => {
  it('is another each time, and uses the whole alphabet', () => {
    const secrets = Array.from({ length: 500 }, makeApiSecret);
    expect(new Set(secrets).size).toBe(500);
    expect(new Set(secrets.map((secret) => secret.slice(4, 47)).join('')).size).toBe(62);
    expect(new Set(Array.from({ length: 500 }, makeApiKey)).size).toBe(500);
  });

  it('matches its digest, and nothing else', () => {
    const secret = makeApiSecret();
    const stored = storedForm(secret);
    expect(stored).toEqual({
      algorithm: 'sha256',
      digest: createHash('sha256').update(secret).digest('hex'),
      hint: secret.slice(-4),
    });
    expect(matcherOf(secret)(stored)).toBe(true);
    for (const other of [makeApiSecret(), `${secret} `, secret.slice(0, -1), '', secret.toLowerCase()]) {
      expect(matcherOf(other)(stored)).toBe(false);
    }
    expect(matcherOf(secret)({ ...stored, algorithm: 'md5' })).toBe(false);
    expect(matcherOf(secret)({ ...stored, digest: '' })).toBe(false);
    expect(matcherOf(secret)({ ...stored, digest: stored.digest.slice(0, 10) })).toBe(false);
    expect(matcherOf(secret)(DUMMY)).toBe(false);
  });
});
