import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { LatchkeyError } from '../latchkey.error.js';
import { toProblem } from './problem-details.js';

/** An error of Node's HTTP parser (llhttp), whose `reason` holds nothing of what was sent. */
interface ParserError extends NodeJS.ErrnoException {
  readonly reason?: string;
}

/** What llhttp says where the line of a header ends too early, or the next one begins with what is no name. */
const BROKEN_HEADER = new Set(['HPE_CR_EXPECTED', 'HPE_LF_EXPECTED', 'HPE_INVALID_HEADER_TOKEN']);

/**
 * Answers what the HTTP parser refuses with problem details, and closes the connection: nobody knows where on it the next
 * request would begin. There is no request that an interface could answer in a form of its own.
 * @param headers that every answer has.
 */
export function answerParserErrors(logger: Logger, headers: Readonly<Record<string, string>>) {
  const latest = new WeakMap<Socket, { request: IncomingMessage; response: ServerResponse }>();
  const refused = new WeakSet<Socket>();
  const answer = (error: ParserError, socket: Socket): void => {
    if (!socket.writable) return void socket.destroy();
    const requestId = crypto.randomUUID();
    const { status, refusal } = refusalOf(error);
    logger.info({ requestId, status, reason: error.code, address: socket.remoteAddress }, 'no HTTP');
    const body = JSON.stringify(toProblem(refusal, requestId, status));
    const all = {
      ...headers,
      'x-request-id': requestId,
      'content-type': 'application/problem+json',
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
    socket.destroySoon();
  };
  return {
    /** To be called before requests come. */
    watch(server: Server): void {
      server.prependListener('request', (request, response) => latest.set(request.socket, { request, response }));
    },
    /** For `clientError`. */
    handle(error: ParserError, socket: Socket): void {
      if (error.code === 'ECONNRESET' || refused.has(socket)) return; // more of the same comes with each packet
      refused.add(socket);
      const last = latest.get(socket);
      if (last === undefined || last.response.writableFinished) return answer(error, socket);
      // Or the client would take it for the answer to a request before, which may be doing what it asked for.
      if (last.request.complete) return void last.response.once('close', () => answer(error, socket));
      // It is in the body of the last one, whose answer this is if none has begun and its turn has come.
      if (last.response.headersSent || last.response.socket === null) return void socket.destroySoon();
      answer(error, socket);
    },
  };
}

function refusalOf({ code, reason = 'it ends too early' }: ParserError): { status: number; refusal: LatchkeyError } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, refusal: new LatchkeyError('malformed', 'The request took too long to come in.') };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, refusal: new LatchkeyError('too_large', 'Path and headers have more than 16 KiB together.') };
  }
  const cause = BROKEN_HEADER.has(code ?? '')
    ? `A header is not well-formed: ${reason}. A line break within a header does that: \`base64\` breaks long lines, \`base64 -w0\` does not.`
    : `This is not HTTP: ${reason}.`;
  return { status: 400, refusal: new LatchkeyError('malformed', cause) };
}
