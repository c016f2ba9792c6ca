import type { DriverError } from '../driver-error.js';
import type { Engine, ServerTarget } from './engine.js';

/** The parts of a server's URL. @throws an Error that says what is wrong with it, without its password. */
export function parseServerUrl(engine: Engine, url: string, defaultPort: number): ServerTarget {
  const { protocol, hostname, port, username, password, pathname, search } = new URL(url);
  const scheme = protocol.slice(0, -1);
  const database = decodeURIComponent(pathname.slice(1));
  if (!hostname || !username || !database)
    throw new Error(`${scheme}://user:password@host:port/name needs all its parts`);
  if (search) throw new Error('parameters after ? are not understood; see the other DATABASE_ variables');
  return {
    engine,
    scheme,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port ? Number(port) : defaultPort,
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database,
  };
}

const UNREACHABLE = 'see that the host is up, and that no firewall is between; or correct DATABASE_URL';
const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start the database, or correct host and port in DATABASE_URL',
  ENOTFOUND: 'correct the host in DATABASE_URL',
  EAI_AGAIN: 'correct the host in DATABASE_URL, or mend name resolution',
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
};

/** What to do when a server can't be reached; undefined for another error. */
export function serverRemedy({ code = '' }: DriverError): string | undefined {
  return REMEDIES[code];
}
