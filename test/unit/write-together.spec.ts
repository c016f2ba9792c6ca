import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { writeTogether } from '../../src/operations/write-together.js';

const STATUS = /(?<=HTTP\/1\.1 )\d+/g;

/** A server whose answers can be looked at before they are written, and clients that keep all they receive. */
class Together {
  readonly held: number[] = [];
  readonly received: string[] = [];
  private readonly clients: Socket[] = [];

  private constructor(private readonly server: Server) {}

  static async start(handle: (server: Server) => void = () => undefined): Promise<Together> {
    const server = createServer((request, response) => {
      response.end(`answer to ${request.url}\n`);
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

  /** The statuses that each client has, when there are so many, or after a while. */
  async statuses(count: number): Promise<string[][]> {
    const statuses = () => this.clients.map((_, i) => this.received[i]?.match(STATUS) ?? []);
    const giveUp = performance.now() + 2000;
    while (performance.now() < giveUp && statuses().some(({ length }) => length < count)) await delay(5);
    return statuses();
  }

  async ended(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.closed || once(client, 'close')));
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.destroy();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }
}

const requestFor = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const all = (clients: number, ...statuses: string[]) => Array(clients).fill(statuses);

describe('answers that are written together', () => {
  let together: Together;
  afterEach(() => together.stop());

  it('are held until the end of the turn, or until there are 32, and all come', async () => {
    together = await Together.start();
    await together.connect(100);
    for (let answers = 1; answers <= 3; answers++) {
      together.send(requestFor('/'));
      expect(await together.statuses(answers)).toEqual(all(100, ...Array<string>(answers).fill('200')));
    }
    const written = together.held.filter((length) => length === 0); // at once, and the others with them
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThanOrEqual(together.held.length / 32);
  });

  it('come in order to a client that sends several requests at once', async () => {
    together = await Together.start();
    await together.connect(3);
    const paths = Array.from({ length: 50 }, (_, i) => `/${i}`);
    together.send(paths.map(requestFor).join(''));
    await together.statuses(50);
    for (const text of together.received) expect(text.match(/(?<=answer to ).*/g)).toEqual(paths);
  });

  it('come before the end of a connection that the client wants closed', async () => {
    together = await Together.start();
    await together.connect(50);
    together.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await together.ended();
    expect(await together.statuses(1)).toEqual(all(50, '200'));
  });

  it.each(['nonsense\r\n\r\n', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'])(
    'come before the end of a connection on which %j follows',
    async (garbage) => {
      together = await Together.start();
      await together.connect(1);
      together.send(requestFor('/') + garbage);
      await together.ended();
      expect((await together.statuses(1))[0]![0]).toBe('200');
    },
  );

  it('come although the server closes in the turn in which they were given', async () => {
    together = await Together.start((server) => process.nextTick(() => server.close()));
    await together.connect(1);
    together.send(requestFor('/'));
    await together.ended();
    expect(await together.statuses(1)).toEqual([['200']]);
  });
});
