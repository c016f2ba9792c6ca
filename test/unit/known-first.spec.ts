import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { answerKnownFirst } from '../../src/operations/known-first.js';

const CROWD = 300;

describe('answers', () => {
  let app: FastifyInstance;
  const sockets: Socket[] = [];
  /** Which turn of the event loop it is. */
  let turn = 0;
  let counting: NodeJS.Immediate;

  beforeEach(async () => {
    app = fastify();
    answerKnownFirst(app);
    app.get('/known', (request) => {
      (request as { user?: unknown }).user = { name: 'somebody' };
      return { turn };
    });
    app.get('/nobody', (_, reply) => reply.code(401).send({}));
    await app.listen({ host: '127.0.0.1', port: 0 });
    turn = 0;
    const count = () => {
      turn++;
      counting = setImmediate(count);
    };
    count();
  });
  afterEach(async () => {
    clearImmediate(counting);
    for (const socket of sockets.splice(0)) socket.destroy();
    await app.close();
  });

  /** Connections that the server has accepted: Node does that one by one. */
  async function open(count: number): Promise<Socket[]> {
    const opened: Socket[] = [];
    while (opened.length < count) {
      const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
      opened.push(socket);
      await Promise.all([once(socket, 'connect'), once(app.server, 'connection')]);
    }
    sockets.push(...opened);
    return opened;
  }
  const requestFor = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

  it('to nobody are a few in each turn of the event loop, and all come', async () => {
    const inTurns = new Map<number, number>();
    app.server.on('request', (_, response) => {
      response.on('finish', () => inTurns.set(turn, (inTurns.get(turn) ?? 0) + 1));
    });
    const crowd = await open(CROWD);
    const answers = crowd.map((socket) => once(socket, 'data'));
    for (const socket of crowd) socket.write(requestFor('/nobody'));
    await Promise.all(answers);
    await delay(10);
    const counts = [...inTurns.values()];
    expect(counts.reduce((sum, count) => sum + count)).toBe(CROWD);
    expect(Math.max(...counts)).toBeLessThanOrEqual(64); // as many of the line, and as many that found none
  });

  it('to somebody wait for nobody', async () => {
    const crowd = await open(CROWD);
    const [known] = (await open(1)) as [Socket];
    const came: string[] = [];
    const last = Promise.all(
      crowd.map(async (socket) => {
        await once(socket, 'data');
        came.push('nobody');
      }),
    );
    for (const socket of crowd) socket.write(requestFor('/nobody'));
    known.write(requestFor('/known'));
    await once(known, 'data');
    came.push('somebody');
    await last;
    expect(came.indexOf('somebody')).toBeLessThan(CROWD / 2);
  });
});
