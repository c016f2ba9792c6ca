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
function listenProblem(error: ListenError, { host, port, metrics }: Config): string | undefined {
  const { code, syscall, message } = error;
  const isMetrics = metrics !== undefined && error.port === metrics.port && error.port !== port;
  const [HOST, PORT] = isMetrics ? ['METRICS_HOST', 'METRICS_PORT'] : ['HOST', 'PORT'];
  if (syscall === 'listen') {
    switch (code) {
      case 'EADDRINUSE':
        return `${message}; end the program that has this port, or set ${PORT} to another one.`;
      case 'EACCES':
        return `${message}; set ${PORT} to one from 1024 on, behind a proxy, or give this user the right to lower ones (CAP_NET_BIND_SERVICE).`;
      default:
        return `${message}; set ${HOST} to an address of this machine, or to 0.0.0.0 for all of them.`;
    }
  }
  const isName = syscall === 'getaddrinfo' && [host, metrics?.host].includes(error.hostname);
  const variable = error.hostname === host ? 'HOST' : 'METRICS_HOST';
  return isName
    ? `${message}; set ${variable} to an address of this machine, or to 0.0.0.0 for all of them.`
    : undefined;
}
