import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { oneAtATime } from '../../src/operations/one-at-a-time.js';

const MANY = 5000;

describe('requests of one connection', () => {
  let server: Server;
  let client: Socket;
  let received = '';
  let holds = true;
  /** What the server has been asked, and has not answered yet. */
  let asked: { path: string; body: string; response: ServerResponse }[];

  beforeEach(async () => {
    asked = [];
    received = '';
    holds = true;
    server = createServer((request, response) => {
      const exchange = { path: request.url!, body: '', response };
      asked.push(exchange);
      if (!holds) return void response.end();
      request.setEncoding('utf8').on('data', (text: string) => (exchange.body += text));
    });
    oneAtATime(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    client = await open();
    client.setEncoding('utf8').on('data', (text: string) => (received += text));
  });
  afterEach(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function open(): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }
  const requestFor = (path: string, body = '') =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const paths = () => asked.map(({ path }) => path);
  async function until(isSo: () => boolean): Promise<void> {
    for (const giveUp = performance.now() + 20_000; !isSo() && performance.now() < giveUp;) await delay(5);
  }

  it('are handled one after the other, with their bodies, and answered in order', async () => {
    const large = 'x'.repeat(300_000);
    client.write(requestFor('/0', large) + requestFor('/1') + requestFor('/2', large));
    for (let i = 0; i < 3; i++) {
      await until(() => asked.length > i && asked[i]!.body.length >= (i === 1 ? 0 : large.length));
      await delay(20);
      expect(paths()).toEqual(['/0', '/1', '/2'].slice(0, i + 1));
      expect(asked[i]!.body.length).toBe(i === 1 ? 0 : large.length);
      asked[i]!.response.end(`answer ${i}\n`);
    }
    await until(() => received.includes('answer 2'));
    expect(received.match(/answer \d/g)).toEqual(['answer 0', 'answer 1', 'answer 2']);
  });

  it('leave those of other connections alone', async () => {
    client.write(requestFor('/held'));
    const other = await open();
    other.write(requestFor('/other'));
    await until(() => asked.length === 2);
    expect(paths()).toEqual(['/held', '/other']);
    other.destroy();
  });

  it('are dropped when it ends before their turn', async () => {
    client.write(requestFor('/first') + requestFor('/second'));
    await until(() => asked.length === 1);
    client.destroy();
    await until(() => asked[0]!.response.destroyed);
    await delay(20);
    expect(paths()).toEqual(['/first']);
  });

  it('are not read without end while one of them is in work', async () => {
    for (let i = 0; i < MANY; i++) client.write(requestFor(`/${i}`, 'y'.repeat(10_000)));
    await until(() => asked.length === 1);
    await delay(200);
    expect(client.writableLength).toBeGreaterThan(0); // it takes no more
    holds = false;
    asked[0]!.response.end();
    await until(() => (received.match(/ 200 OK/g)?.length ?? 0) === MANY);
    expect(received.match(/ 200 OK/g)).toHaveLength(MANY);
  }, 30_000);
});
