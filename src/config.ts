import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import type { DatabaseOptions } from './database/data-source.js';
import { DEFAULT_DATABASE_URL, parseDatabaseUrl } from './database/database-url.js';
import { checkPassword, MAX_PASSWORD, MIN_PASSWORD } from './sessions/password-rule.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Processes that share the port. */
  readonly workers: number;
  /** The origin that users see; undefined where nobody has said, and each request's `Host` is believed. */
  readonly publicUrl: string | undefined;
  /** Other origins whose pages may call the API from a browser. */
  readonly corsOrigins: readonly string[];
  /** Addresses and CIDR blocks of proxies whose X-Forwarded-For is believed. */
  readonly trustProxy: readonly string[];
  /** Serve the OpenAPI document and its page. */
  readonly docs: boolean;
  /** Where Prometheus finds the metrics; undefined for nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  readonly database: DatabaseOptions;
  /** API keys that a process caches; 0: none. */
  readonly maxCachedKeys: number;
  /** Bad credentials from one address in a minute; 0: no limit. */
  readonly badCredentialsPerMinute: number;
  /** Keep from where a secret was last used, and a session opened. */
  readonly recordAddresses: boolean;
  /** No secret lives longer, in days; undefined: no limit. */
  readonly maxSecretDays: number | undefined;
  /** For how many days rows of the audit trail are kept; 0: for ever. */
  readonly auditDays: number;
  /** For how many days it is kept how often secrets were used; 0: for ever. */
  readonly usageDays: number;
  readonly migrateOnStart: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Milliseconds between "not ready" and the end of listening. */
  readonly drainDelayMs: number;
  /** Administrator's, as long as there is none. */
  readonly adminPassword: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Every variable that is read here; `.env.example` lists the same. */
export const VARIABLES = [
  'NODE_ENV',
  'HOST',
  'PORT',
  'WORKERS',
  'PUBLIC_URL',
  'CORS_ORIGINS',
  'TRUST_PROXY',
  'DOCS',
  'METRICS_PORT',
  'METRICS_HOST',
  'LOG_LEVEL',
  'DRAIN_DELAY_MS',
  'ADMIN_PASSWORD',
  'DATABASE_URL',
  'DATABASE_POOL_SIZE',
  'DATABASE_CONNECT_TIMEOUT_MS',
  'DATABASE_QUERY_TIMEOUT_MS',
  'DATABASE_TLS',
  'DATABASE_TLS_CA',
  'MIGRATE_ON_START',
  'CACHE_MAX_KEYS',
  'BAD_CREDENTIALS_PER_MINUTE',
  'RECORD_ADDRESSES',
  'AUDIT_DAYS',
  'USAGE_DAYS',
  'SECRET_MAX_DAYS',
] as const;
type Variable = (typeof VARIABLES)[number];

/** Thrown with all that is wrong with the environment, a line each. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The environment is not right:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/**
 * The configuration that the environment holds; an empty variable counts as unset. Values are never repeated in an
 * error, since some are secret.
 * @throws ConfigError naming every bad variable at once.
 */
export function loadConfig(env: Environment = process.env): Config {
  const problems: string[] = [];
  const read = <T>(name: Variable, fallback: T, parse: (text: string) => T): T => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    try {
      return parse(text);
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
      return fallback;
    }
  };

  const production = read('NODE_ENV', 'development', oneOf('production', 'development', 'test')) === 'production';
  const host = read('HOST', '127.0.0.1', String);
  const port = read('PORT', 8000, integer(0, 65_535));
  if (production && !env.DATABASE_URL) {
    problems.push('DATABASE_URL: NODE_ENV=production needs it, as in mysql://user:password@host:3306/latchkey');
  }
  const tls = read('DATABASE_TLS', false, onOff);
  const ca = read('DATABASE_TLS_CA', undefined as string | undefined, readableFile);
  if (env.DATABASE_TLS_CA && !tls) problems.push('DATABASE_TLS_CA: has no effect without DATABASE_TLS=on');

  const metricsPort = read('METRICS_PORT', undefined as number | undefined, integer(0, 65_535));
  const metricsHost = read('METRICS_HOST', '127.0.0.1', String);
  if (env.METRICS_HOST && !env.METRICS_PORT) problems.push('METRICS_HOST: has no effect without METRICS_PORT');

  if (metricsPort !== undefined && metricsPort === port && port !== 0)
    problems.push('METRICS_PORT: has to differ from PORT');

  const config: Config = {
    production,
    host,
    port,
    workers: read('WORKERS', 1, parseWorkers),
    publicUrl: read('PUBLIC_URL', undefined as string | undefined, origin),
    corsOrigins: read('CORS_ORIGINS', [], list(origin)),
    trustProxy: read('TRUST_PROXY', [], list(addressBlock)),
    docs: read('DOCS', !production, onOff),
    metrics: metricsPort === undefined ? undefined : { host: metricsHost, port: metricsPort },
    database: {
      url: read('DATABASE_URL', DEFAULT_DATABASE_URL, databaseUrl),
      poolSize: read('DATABASE_POOL_SIZE', 10, integer(2, 1000)),
      connectTimeoutMs: read('DATABASE_CONNECT_TIMEOUT_MS', 3000, integer(100, 600_000)),
      queryTimeoutMs: read('DATABASE_QUERY_TIMEOUT_MS', 5000, integer(100, 600_000)),
      tls: tls && ca !== undefined ? { ca } : tls,
    },
    maxCachedKeys: read('CACHE_MAX_KEYS', 100_000, integer(0, 10_000_000)),
    badCredentialsPerMinute: read('BAD_CREDENTIALS_PER_MINUTE', 100, integer(0, 1_000_000)),
    recordAddresses: read('RECORD_ADDRESSES', true, onOff),
    auditDays: read('AUDIT_DAYS', 400, integer(0, 36_500)),
    usageDays: read('USAGE_DAYS', 400, integer(0, 36_500)),
    maxSecretDays: read('SECRET_MAX_DAYS', undefined as number | undefined, integer(1, 36_500)),
    migrateOnStart: read('MIGRATE_ON_START', !production, onOff),
    logLevel: read('LOG_LEVEL', 'info', oneOf(...LOG_LEVELS)),
    drainDelayMs: read('DRAIN_DELAY_MS', 1000, integer(0, 600_000)),
    adminPassword: read('ADMIN_PASSWORD', undefined as string | undefined, password),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Whether the environment holds it, so that it is no default. */
export function isSet(name: Variable, env: Environment = process.env): boolean {
  return Boolean(env[name]);
}

/** Of `WORKERS`: a number, or `auto` for one worker for each core. @throws an Error that says what is wrong. */
export function parseWorkers(text: string): number {
  if (text === 'auto') return availableParallelism();
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1) throw new Error('must be auto, or a whole number from 1 to 999');
  return Number(text);
}

/** True where a secret on the terminal reaches nobody but the person who has just started the server there. */
export function printsFirstSecrets({ production, host, adminPassword }: Config): boolean {
  return !production && adminPassword === undefined && /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host);
}

function oneOf<T extends string>(...values: T[]) {
  return (text: string): T => {
    if (!values.includes(text as T)) throw new Error(`must be one of ${values.join(', ')}`);
    return text as T;
  };
}

function integer(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new Error(`must be a whole number from ${min} to ${max}`);
    return value;
  };
}

function password(text: string): string {
  try {
    checkPassword(text);
  } catch {
    throw new Error(`must have ${MIN_PASSWORD} to ${MAX_PASSWORD} characters`);
  }
  return text;
}

function onOff(text: string): boolean {
  return oneOf('on', 'off')(text) === 'on';
}

function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.origin !== text.replace(/\/$/, '')) {
    throw new Error('must be an origin, as in https://keys.example.com');
  }
  return url.origin;
}

function list(parse: (text: string) => string) {
  return (text: string): string[] => text.split(',').map((part) => parse(part.trim()));
}

function addressBlock(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  const bits = prefix === undefined ? 0 : Number(prefix);
  if (
    version === 0 ||
    rest.length > 0 ||
    (prefix !== undefined && !/^\d+$/.test(prefix)) ||
    bits > (version === 4 ? 32 : 128)
  ) {
    throw new Error('must be addresses and CIDR blocks separated by commas, as in 10.0.0.0/8, ::1');
  }
  if (prefix !== undefined && bits === 0) throw new Error('a block of length 0 would believe everybody');
  return text;
}

function databaseUrl(text: string): string {
  parseDatabaseUrl(text);
  return text;
}

function readableFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error('must be the path of a readable file (PEM)');
  }
}
