import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { digestOf, DUMMY, hasDigest, makeApiKey, makeApiSecret, storedForm } from '../../src/api-keys/api-secret.js';

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
    expect(hasDigest(stored, digestOf(secret))).toBe(true);
    for (const other of [makeApiSecret(), `${secret} `, secret.slice(0, -1), '', secret.toLowerCase()]) {
      expect(hasDigest(stored, digestOf(other))).toBe(false);
    }
    expect(hasDigest({ ...stored, algorithm: 'md5' }, digestOf(secret))).toBe(false);
    expect(hasDigest({ ...stored, digest: '' }, digestOf(secret))).toBe(false);
    expect(hasDigest({ ...stored, digest: stored.digest.slice(0, 10) }, digestOf(secret))).toBe(false);
    expect(hasDigest(DUMMY, digestOf(secret))).toBe(false);
  });
});
