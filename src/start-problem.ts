import { type Config, ConfigError, loadConfig } from './config.js';
import { LatchkeyError } from './latchkey.error.js';
import { databaseProblem } from './database/access-problem.js';

/**
 * What kept a start or a command from its work: a sentence that names the variable, the file or the server, never its
 * password, and what to do next. An error of another kind says what it says.
 */
export function startProblem(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  // Some errors of the network have a code and no message.
  const said = message || code || String(error);
  if (error instanceof ConfigError || error instanceof LatchkeyError) return said;
  let config: Config;
  try {
    config = loadConfig();
  } catch {
    return said; // it is not what failed
  }
  return listenProblem(error as ListenError, config) ?? databaseProblem(error, config.database.url) ?? said;
}

interface ListenError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

/** Of an address that can't be listened on; undefined where it is no error of that. */
function listenProblem(error: ListenError, config: Config): string | undefined {
  const { code, syscall, address, port = 0, hostname } = error;
  const { metrics } = config;
  const isOwn = (hostname ?? address) === config.host && (hostname !== undefined || port === config.port);
  const [HOST, PORT] = metrics === undefined || isOwn ? ['HOST', 'PORT'] : ['METRICS_HOST', 'METRICS_PORT'];
  const setHost = `set ${HOST} to an address of this machine, or to 0.0.0.0 for all of them`;
  if (syscall === 'getaddrinfo' && (hostname === config.host || hostname === metrics?.host)) {
    return `${hostname} is the name of no machine (${code}); ${setHost}.`;
  }
  // Workers have their primary bind.
  if (syscall !== 'listen' && syscall !== 'bind') return undefined;
  const where = `${address?.includes(':') ? `[${address}]` : address}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use by another program (${code}); end that, or set ${PORT} to another one.`;
    case 'EACCES':
      return `${where} is not allowed to this user (${code}); set ${PORT} to 1024 or more, behind a proxy, or give the user CAP_NET_BIND_SERVICE.`;
    default:
      return `${where} can't be listened on (${code}); ${setHost}.`;
  }
}
