import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { message, type Reply, Wire } from '../support/wire.js';

let latchkey: TestApp;
let key: TestKey;
beforeAll(async () => {
  latchkey = await startApp();
  key = await latchkey.key(['System Manager']);
});
afterAll(() => latchkey.close());

async function reply(text: string): Promise<Reply> {
  const wire = await Wire.open(latchkey.url);
  const answer = await wire.send(text);
  wire.close();
  return answer;
}

/** All that comes on a connection until the server closes it. */
async function received(text: string): Promise<string> {
  const { hostname, port } = new URL(latchkey.url);
  const socket = connect(Number(port), hostname);
  let all = '';
  socket.setEncoding('latin1').on('data', (chunk) => (all += chunk));
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return all;
}

const get = (...lines: string[]) => ['GET /v1/me HTTP/1.1', 'Host: x', ...lines, '', ''].join('\r\n');
const post = (...lines: string[]) => get(...lines).replace('GET /v1/me', 'POST /v1/users');
/** As `base64` writes it: in lines of 76 characters. */
const inLines = (text: string) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n');

describe('what the HTTP parser refuses', () => {
  const cases: [string, () => string, number, string, RegExp][] = [
    [
      'base64 in lines',
      () => get(`Authorization: Basic ${inLines(`${key.apiKey}:${key.apiSecret}`)}`),
      400,
      'malformed',
      /`base64 -w0`/,
    ],
    ['base64 in lines, of Windows', () => get('Authorization: Basic YWJj\r\nZGVm'), 400, 'malformed', /`base64 -w0`/],
    ['a header with NUL', () => get('X: a\0b'), 400, 'malformed', /header is not well-formed: /],
    ['a method that is none', () => 'FOO / HTTP/1.1\r\n\r\n', 400, 'malformed', /^This is not HTTP: Invalid method/],
    ['TLS', () => '\x16\x03\x01\x00\xa5\x01', 400, 'malformed', /^This is not HTTP: /],
    ['a length that is no number', () => post('Content-Length: x'), 400, 'malformed', /Content-Length/],
    ['a chunk whose size is none', () => `${post('Transfer-Encoding: chunked')}zz\r\n`, 400, 'malformed', /chunk size/],
    ['no Host', () => 'GET /v1/me HTTP/1.1\r\n\r\n', 400, 'malformed', /Host/],
    ['no Host, for Frappe', () => 'GET /api/method/ping HTTP/1.1\r\n\r\n', 400, 'malformed', /Host/],
    ['headers of 20 kB', () => get(`X: ${'y'.repeat(20_000)}`), 431, 'too_large', /16 KiB/],
    ['a path of 20 kB', () => get().replace('/v1/me', `/${'x'.repeat(20_000)}`), 431, 'too_large', /16 KiB/],
  ];

  it.each(cases)('%s is answered with problem details', async (_, text, status, code, detail) => {
    const { head, body, ...answer } = await reply(text());
    const problem = JSON.parse(body);
    expect([answer.status, problem.status, problem.code]).toEqual([status, status, code]);
    expect(problem.detail).toMatch(detail);
    expect(Object.keys(problem).toSorted()).toEqual(['code', 'detail', 'requestId', 'status', 'title', 'type']);
    expect(head).toMatch(/content-type: application\/problem\+json/i);
    expect(head).toMatch(/x-content-type-options: nosniff/i);
    expect(head.toLowerCase()).toContain(`x-request-id: ${problem.requestId}`);
    const isRequest = problem.detail.includes('Host'); // which is logged after its answer
    const lines = isRequest
      ? await latchkey.linesOf(problem.requestId)
      : latchkey.log.filter(({ requestId }) => requestId === problem.requestId);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(latchkey.log)).not.toContain(key.apiSecret.slice(0, 20));
  });

  it('a request that does not come in whole is answered with problem details', async () => {
    const server = latchkey.app.getHttpServer();
    const { headersTimeout, requestTimeout } = server;
    Object.assign(server, { headersTimeout: 1, requestTimeout: 1 });
    const { status, body } = await reply('GET /v1/me HTTP/1.1\r\nHost: x\r\n');
    Object.assign(server, { headersTimeout, requestTimeout });
    expect([status, JSON.parse(body).status, JSON.parse(body).code]).toEqual([408, 408, 'malformed']);
  }, 15_000);

  it('HTTP/1.0 needs no Host', async () => {
    expect((await reply('GET /health/live HTTP/1.0\r\n\r\n')).status).toBe(200);
  });
});

describe('what the HTTP parser refuses behind good requests', () => {
  it('is answered after them', async () => {
    const good = message('GET', '/v1/users?limit=1', { authorization: key.token });
    const all = await received(`${good}${good}nonsense\r\n\r\n`);
    expect(all.match(/(?<=HTTP\/1\.1 )\d+/g)).toEqual(['200', '200', '400']);
  });

  it('is answered after a change that is under way', async () => {
    const change = message('POST', '/v1/roles', { authorization: key.token }, { name: 'Made before garbage' });
    const all = await received(`${change}\0\0\0`);
    expect(all.match(/(?<=HTTP\/1\.1 )\d+/g)).toEqual(['201', '400']);
  });

  it('is answered once', async () => {
    const { hostname, port } = new URL(latchkey.url);
    const socket = connect(Number(port), hostname);
    let all = '';
    socket.on('data', (chunk) => (all += chunk)).on('error', () => undefined);
    const more = setInterval(() => socket.writable && socket.write('nonsense\r\n'), 1);
    await new Promise((resolve) => socket.on('close', resolve)); // `once` would take a reset for a failure
    clearInterval(more);
    expect(all.match(/HTTP\/1\.1 400/g)).toHaveLength(1);
  });
});

describe('Basic with a line end', () => {
  const basicOf = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  it.each(['\n', '\r\n'])('%j, as echo writes one, says so', async (end) => {
    const auth = basicOf(`${key.apiKey}:${key.apiSecret}${end}`);
    const { status, json } = await latchkey.call('GET', '/v1/me', { auth });
    expect([status, json.detail]).toEqual([
      401,
      'The credentials of Basic end with a line break, as `echo` writes one. Use `printf`, or `echo -n`.',
    ]);
    const frappe = await latchkey.call('GET', '/api/method/ping', { auth });
    expect([frappe.status, frappe.json.exc_type]).toEqual([400, 'InvalidAuthorizationToken']);
  });

  it('says the same whatever is stored', async () => {
    const [one, other] = await Promise.all(
      [`${key.apiKey}:${key.apiSecret}\n`, 'nobody:nothing\n'].map((text) =>
        latchkey.call('GET', '/v1/me', { auth: basicOf(text) }),
      ),
    );
    expect({ ...other!.json, requestId: '' }).toEqual({ ...one!.json, requestId: '' });
  });
});
