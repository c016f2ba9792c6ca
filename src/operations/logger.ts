import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** What of an error goes into the log: no field that a driver may have filled with parameters or SQL. */
function errorFields(error: Error): object {
  const { name, message, stack, code } = error as Error & { code?: unknown };
  return { type: name, message, stack, ...(code !== undefined && { code }) };
}

/** JSON lines; on a terminal, text for people. */
export function makeLogger(level: string, destination?: DestinationStream): Logger {
  const terminal = process.stdout.isTTY ? pretty({ colorize: true, ignore: 'pid,hostname' }) : undefined;
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: errorFields },
  };
  return pino(options, destination ?? terminal ?? pino.destination({ dest: 1, sync: true }));
}

/** What Nest tells of its own start; nobody reads it but who debugs it. */
const NEST_START = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** Nest logs what a start throws, with its stack, and throws it: it is said once, as a sentence, by who started it. */
const NEST_FAILURE = new Set(['ExceptionHandler', 'NestApplication']);

/** Nest's logger over pino. An object becomes fields of the line, a string its message. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log = (message: unknown, ...rest: unknown[]) =>
    this.write(NEST_START.has(rest.at(-1) as string) ? 'debug' : 'info', message, rest);
  error = (message: unknown, ...rest: unknown[]) =>
    this.write(NEST_FAILURE.has(rest.at(-1) as string) ? 'debug' : 'error', message, rest);
  warn = (message: unknown, ...rest: unknown[]) => this.write('warn', message, rest);
  debug = (message: unknown, ...rest: unknown[]) => this.write('debug', message, rest);
  verbose = (message: unknown, ...rest: unknown[]) => this.write('trace', message, rest);
  fatal = (message: unknown, ...rest: unknown[]) => this.write('fatal', message, rest);

  /** Nest puts the context last, and before it a stack where there is one. */
  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    const context = rest.at(-1);
    const stack = rest.length > 1 ? rest[0] : undefined;
    const fields = { ...(typeof context === 'string' && { context }), ...(typeof stack === 'string' && { stack }) };
    if (message instanceof Error) this.logger[level]({ ...fields, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.logger[level]({ ...fields, ...message });
    else this.logger[level](fields, String(message));
  }
}
