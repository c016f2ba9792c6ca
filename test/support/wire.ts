import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** Just before the first byte of the request was given to a socket that was connected; by `performance.now`. */
  readonly sent: number;
  /** When the head of the answer was here. */
  readonly answered: number;
}

/** A request as it goes over the wire. */
export function message(method: string, path: string, headers: Record<string, string>, json?: unknown): string {
  const body = json === undefined ? '' : JSON.stringify(json);
  const all = {
    host: 'localhost',
    ...headers,
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...(method !== 'GET' && { 'content-length': String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

interface Waiting {
  readonly sent: number;
  answered?: number;
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/**
 * A connection that is kept alive, and carries one request after another. Not node:http, which has queues in which a
 * request can wait unsent: when a request was sent is what the tests of revocation judge by.
 */
export class Wire {
  private received = '';
  private waiting: Waiting | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.waiting?.reject(new Error('The connection was closed.')));
  }

  static async open(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Wire(socket);
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  /** Not before the answer of the one before. @throws when the connection ends instead. */
  send(text: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Error('The connection is closed.'));
      this.received = '';
      this.waiting = { sent: performance.now(), resolve, reject };
      this.socket.write(text);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: string): void {
    const { waiting } = this;
    if (!waiting) return void this.socket.destroy();
    this.received += chunk;
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    waiting.answered ??= performance.now();
    const head = this.received.slice(0, end);
    const body = this.received.slice(end + 4);
    if (body.length < Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)) return;
    this.waiting = undefined;
    const { sent, answered } = waiting;
    waiting.resolve({ status: Number(head.slice(9, 12)), head, body, sent, answered });
  }
}
