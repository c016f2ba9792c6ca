import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ConfigError, loadConfig, printsFirstSecrets, VARIABLES } from '../../src/config.js';

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
      workers: 1,
      publicUrl: undefined,
      corsOrigins: [],
      trustProxy: [],
      docs: true,
      metrics: undefined,
      database: {
        url: 'sqlite:data/latchkey.sqlite',
        poolSize: 10,
        connectTimeoutMs: 3000,
        queryTimeoutMs: 5000,
        tls: false,
      },
      maxCachedKeys: 100_000,
      badCredentialsPerMinute: 100,
      recordAddresses: true,
      maxSecretDays: undefined,
      migrateOnStart: true,
      logLevel: 'info',
      drainDelayMs: 1000,
      adminPassword: undefined,
      auditDays: 400,
      usageDays: 400,
    });
  });

  it('names every bad variable at once, and repeats no value', () => {
    const env = {
      NODE_ENV: 'prod',
      PORT: '80000',
      WORKERS: 'all',
      PUBLIC_URL: 'keys.example.com',
      CORS_ORIGINS: 'https://app.example.com, *',
      TRUST_PROXY: '10.0.0.0/33',
      DOCS: 'true',
      METRICS_HOST: '0.0.0.0',
      LOG_LEVEL: 'loud',
      DRAIN_DELAY_MS: '-1',
      DATABASE_URL: 'postgres://u:hunter2@h/d',
      DATABASE_POOL_SIZE: '1',
      DATABASE_CONNECT_TIMEOUT_MS: '1s',
      DATABASE_QUERY_TIMEOUT_MS: '5',
      DATABASE_TLS: 'yes',
      DATABASE_TLS_CA: '/nowhere/hunter2.pem',
      MIGRATE_ON_START: '1',
      SECRET_MAX_DAYS: '0',
      RECORD_ADDRESSES: 'no',
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

  it('takes lists of origins and of proxies', () => {
    const env = { CORS_ORIGINS: 'https://a.example, http://localhost:3000', TRUST_PROXY: '10.0.0.0/8, ::1,192.0.2.7' };
    const { corsOrigins, trustProxy } = loadConfig(env);
    expect(corsOrigins).toEqual(['https://a.example', 'http://localhost:3000']);
    expect(trustProxy).toEqual(['10.0.0.0/8', '::1', '192.0.2.7']);
    for (const TRUST_PROXY of ['true', '*', '1', 'loopback', '0.0.0.0/0', '10.0.0.0/8/8', '10.0.0.0/', 'proxy.example'])
      expect(problems({ TRUST_PROXY })).toHaveLength(1);
    for (const CORS_ORIGINS of ['*', 'null', 'a.example', 'https://a.example/path'])
      expect(problems({ CORS_ORIGINS })).toHaveLength(1);
  });

  it('takes a number of workers, or one for each core', () => {
    expect(loadConfig({ WORKERS: '3' }).workers).toBe(3);
    expect(loadConfig({ WORKERS: 'auto' }).workers).toBe(availableParallelism());
    for (const WORKERS of ['0', '-1', '1.5', '2e1', '1000', 'AUTO', ' 2'])
      expect(problems({ WORKERS })).toHaveLength(1);
  });

  it('keeps documents and metrics to themselves unless told', () => {
    const production = { NODE_ENV: 'production', DATABASE_URL: 'mysql://u:p@h/d' };
    expect(loadConfig(production)).toMatchObject({ docs: false, metrics: undefined });
    expect(loadConfig({ ...production, DOCS: 'on' }).docs).toBe(true);
    expect(loadConfig({ METRICS_PORT: '9090' }).metrics).toEqual({ host: '127.0.0.1', port: 9090 });
    expect(loadConfig({ METRICS_PORT: '9090', METRICS_HOST: '::' }).metrics).toEqual({ host: '::', port: 9090 });
  });

  it('prints a first token on loopback only', () => {
    for (const HOST of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
      expect(printsFirstSecrets(loadConfig({ HOST }))).toBe(true);
    for (const HOST of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com'])
      expect(printsFirstSecrets(loadConfig({ HOST }))).toBe(false);
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

  it('and docs/configuration.md has the same in its table', () => {
    const page = readFileSync('docs/configuration.md', 'utf8');
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name!);
    expect(rows.toSorted()).toEqual([...VARIABLES].toSorted());
  });
});
