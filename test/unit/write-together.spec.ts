import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { writeTogether } from '../../src/operations/write-together.js';

const ANSWER = /HTTP\/1\.1 200 OK/g;

/** A server whose answers can be looked at before they are written, and clients that keep all they receive. */
class Together {
  readonly held: number[] = [];
  readonly received: string[] = [];
  private readonly clients: Socket[] = [];

  private constructor(private readonly server: Server) {}

  static async start(handle: (server: Server) => void = () => undefined): Promise<Together> {
    const server = createServer((request, response) => {
      response.end('pong');
      together.held.push(request.socket.writableLength);
      handle(server);
    });
    const together = new Together(server);
    writeTogether(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return together;
  }

  async connect(count: number): Promise<void> {
    const { port } = this.server.address() as AddressInfo;
    for (let i = 0; i < count; i++) {
      const socket = connect(port, '127.0.0.1');
      this.clients.push(socket);
      socket.setEncoding('utf8').on('data', (text: string) => (this.received[i] = (this.received[i] ?? '') + text));
      await once(socket, 'connect');
    }
  }

  send(text: string): void {
    for (const client of this.clients) client.write(text);
  }

  answers(): number[] {
    return this.clients.map((_, i) => this.received[i]?.match(ANSWER)?.length ?? 0);
  }

  async ended(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.closed || once(client, 'close')));
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.destroy();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('answers that are written together', () => {
  let together: Together;
  afterEach(() => together.stop());

  it('are held until the end of the turn, and all come', async () => {
    together = await Together.start();
    await together.connect(100);
    for (let round = 0; round < 3; round++) together.send(REQUEST);
    await delay(300);
    expect(together.answers()).toEqual(Array(100).fill(3));
    const atOnce = together.held.filter((length) => length === 0); // as the thirty-second of a turn is, with the others
    expect(atOnce.length).toBeLessThanOrEqual(together.held.length / 32);
  });

  it('come in order to a client that sends several requests at once', async () => {
    together = await Together.start();
    await together.connect(3);
    together.send(REQUEST.repeat(50));
    await delay(300);
    expect(together.answers()).toEqual([50, 50, 50]);
  });

  it('come before the end of a connection that the client wants closed', async () => {
    together = await Together.start();
    await together.connect(50);
    together.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await together.ended();
    expect(together.answers()).toEqual(Array(50).fill(1));
  });

  it('come although the server closes in the turn in which they were given', async () => {
    together = await Together.start((server) => process.nextTick(() => server.close()));
    await together.connect(1);
    together.send(REQUEST);
    await together.ended();
    expect(together.answers()).toEqual([1]);
  });
});
