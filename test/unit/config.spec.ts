import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ConfigError, loadConfig, printsFirstToken, VARIABLES } from '../../src/config.js';

function problems(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(loadConfig({})).toEqual({
      production: false,
      host: '127.0.0.1',
      port: 8000,
      publicUrl: 'http://127.0.0.1:8000',
      database: {
        url: 'sqlite:data/latchkey.sqlite',
        poolSize: 10,
        connectTimeoutMs: 3000,
        queryTimeoutMs: 5000,
        tls: false,
      },
      migrateOnStart: true,
      logLevel: 'info',
      drainDelayMs: 1000,
      hasAdminPassword: false,
    });
  });

  it('names every bad variable at once, and repeats no value', () => {
    const env = {
      NODE_ENV: 'prod',
      PORT: '80000',
      PUBLIC_URL: 'keys.example.com',
      LOG_LEVEL: 'loud',
      DRAIN_DELAY_MS: '-1',
      DATABASE_URL: 'postgres://u:hunter2@h/d',
      DATABASE_POOL_SIZE: '1',
      DATABASE_CONNECT_TIMEOUT_MS: '1s',
      DATABASE_QUERY_TIMEOUT_MS: '5',
      DATABASE_TLS: 'yes',
      DATABASE_TLS_CA: '/nowhere/hunter2.pem',
      MIGRATE_ON_START: '1',
    };
    const found = problems(env);
    for (const name of Object.keys(env))
      expect(found.filter((problem) => problem.startsWith(`${name}: `)).length).toBeGreaterThan(0);
    expect(found.join()).not.toContain('hunter2');
  });

  it.each([
    'mysql://u:p@h/d',
    'mysql://u:p%40@h:3307/d',
    'mariadb://u@[::1]:3306/d',
    'sqlite:x.sqlite',
    'sqlite:/var/lib/x.sqlite',
  ])('takes the database %s', (url) => expect(problems({ DATABASE_URL: url })).toEqual([]));

  it.each([
    'x',
    'sqlite:',
    'sqlite::memory:',
    'sqlite://x',
    'mysql://h/d',
    'mysql://u:p@h',
    'mysql://u:p@h/d?ssl=true',
    'mysqls://u:p@h/d',
  ])('refuses the database %s', (url) => expect(problems({ DATABASE_URL: url })).toHaveLength(1));

  it('needs a database in production, and does not migrate by itself there', () => {
    expect(problems({ NODE_ENV: 'production' })).toEqual([expect.stringMatching(/^DATABASE_URL: /)]);
    expect(loadConfig({ NODE_ENV: 'production', DATABASE_URL: 'mysql://u:p@h/d' }).migrateOnStart).toBe(false);
  });

  it('prints a first token on loopback only', () => {
    for (const HOST of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
      expect(printsFirstToken(loadConfig({ HOST }))).toBe(true);
    for (const HOST of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com'])
      expect(printsFirstToken(loadConfig({ HOST }))).toBe(false);
  });
});

describe('.env.example', () => {
  const lines = readFileSync('.env.example', 'utf8').split('\n');
  const entries = lines.flatMap((line) => /^#? ?([A-Z_]+)=(.*)$/.exec(line)?.slice(1) ?? []);
  const names = entries.filter((_, i) => i % 2 === 0);

  it('lists what the configuration reads, and nothing else', () => {
    expect(names.toSorted()).toEqual([...VARIABLES].toSorted());
  });

  it('holds the defaults', () => {
    const env = Object.fromEntries(names.map((name, i) => [name, entries[2 * i + 1]!]));
    expect(loadConfig(env)).toEqual(loadConfig({}));
  });

  it('and the README has each in its table', () => {
    const readme = readFileSync('README.md', 'utf8');
    for (const name of VARIABLES) expect(readme).toContain(`| \`${name}\` |`);
  });
});
