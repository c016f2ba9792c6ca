import type { AuditRecord } from '../../src/audit/chain.js';
import { AuditService } from '../../src/audit/audit.service.js';
import { GatheredRefusals } from '../../src/audit/gathered-refusals.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { Duplex, PassThrough } from 'node:stream';
import { ApiKeyAuthGuard, CurrentPrincipal, type Principal, Public } from '../../src/index.js';
import { OPERATOR, SYSTEM_MANAGER } from '../../src/users/principal.js';
import { LastUse } from '../../src/verification/last-use.js';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { type Answer, basic, client, type Options } from '../support/http.js';
import { type Host, startHost } from '../support/host.js';

/** From where a secret is good (SECRETS.md, section 4), as the server and a host see it. test/package has a host on Express. */

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
const outcome = ({ status, json }: Answer) => [status, json?.code];

describe('on the server', () => {
  let latchkey: TestApp;
  let manager: TestKey;
  beforeAll(async () => {
    latchkey = await startApp({ host: hasIpv6 ? '::' : '0.0.0.0', metrics: { host: '127.0.0.1', port: 0 } });
    manager = await latchkey.key([SYSTEM_MANAGER]);
  });
  afterAll(() => latchkey.close());

  const portOf = () => new URL(latchkey.url.replace('[::]', '127.0.0.1')).port;
  const from = (address: string) => client(`http://${address}:${portOf()}`);
  const goodFrom = async (...allowedNetworks: string[]) =>
    latchkey.secret((await latchkey.key()).user, { allowedNetworks });
  const ask = async ({ token }: TestKey, options: Options = {}, address = '127.0.0.1') =>
    from(address)('GET', '/v1/me', { auth: token, ...options });

  it.each([
    ['127.0.0.1', 200],
    ['127.0.0.0/8', 200],
    ['::ffff:127.0.0.1', 200],
    ['0.0.0.0/0', 200],
    ['::/0', 403],
    ['::1', 403],
    ['127.0.0.2', 403],
    ['192.0.2.0/24', 403],
  ])(
    'a secret for %s: an IPv4 caller gets %i, also where a socket for both families names it',
    async (network, status) => {
      const secret = await goodFrom(network);
      // Cold, from memory, and by the other scheme.
      const { apiKey, apiSecret } = secret;
      for (const auth of [secret.token, secret.token, basic(apiKey, apiSecret)]) {
        expect((await ask(secret, { auth })).status).toBe(status);
      }
    },
  );

  (hasIpv6 ? it : it.skip)('an IPv6 caller', async () => {
    const statuses: number[] = [];
    for (const network of ['::1', '::/0', '127.0.0.1', '0.0.0.0/0', '2001:db8::/32']) {
      statuses.push((await ask(await goodFrom(network), {}, '[::1]')).status);
    }
    expect(statuses).toEqual([200, 200, 403, 403, 403]);
  });

  it('any of several will do', async () => {
    const secret = await goodFrom('192.0.2.0/24', '2001:db8::/32', '127.0.0.0/30');
    expect((await ask(secret)).status).toBe(200);
  });

  it('a refusal names the address that was seen', async () => {
    const { json, status, headers } = await ask(await goodFrom('192.0.2.0/24'));
    expect([status, json.code]).toEqual([403, 'address_not_allowed']);
    expect(json.detail).toMatch(
      /^This request came from (::ffff:)?127\.0\.0\.1, and the secret is not good from there\.$/,
    );
    expect(headers['www-authenticate']).toBeUndefined();
  });

  it("by Frappe's API it is a PermissionError with the same sentence; on public routes too", async () => {
    const { token } = await goodFrom('192.0.2.0/24');
    for (const method of ['frappe.auth.get_logged_user', 'ping']) {
      const { status, json } = await from('127.0.0.1')('GET', `/api/method/${method}`, { auth: token });
      expect([status, json.exc_type]).toEqual([403, 'PermissionError']);
      expect(json.exception).toContain('127.0.0.1, and the secret is not good from there.');
    }
    expect(outcome(await from('127.0.0.1')('DELETE', '/v1/session', { auth: token }))).toEqual([
      403,
      'address_not_allowed',
    ]);
    expect((await from('127.0.0.1')('GET', '/health/live', { auth: token })).status).toBe(200);
  });

  it('who has not proved oneself is told nothing of it; and it comes before the scope', async () => {
    const secret = await latchkey.secret(manager.user, { allowedNetworks: ['192.0.2.0/24'], scopes: [] });
    const { status, text } = await ask(secret, { auth: `${secret.token}x` });
    expect([status, text]).toEqual([401, expect.not.stringContaining('127.0.0.1')]);
    const asked = await from('127.0.0.1')('GET', '/v1/users', { auth: secret.token });
    expect(outcome(asked)).toEqual([403, 'address_not_allowed']);
  });

  it('nobody who is not trusted says where a request came from', async () => {
    const secret = await goodFrom('192.0.2.0/24');
    for (const [name, value] of [
      ['x-forwarded-for', '192.0.2.7'],
      ['x-forwarded-for', '192.0.2.7, 192.0.2.8'],
      ['forwarded', 'for=192.0.2.7'],
      ['x-real-ip', '192.0.2.7'],
      ['x-client-ip', '192.0.2.7'],
      ['true-client-ip', '192.0.2.7'],
      ['cf-connecting-ip', '192.0.2.7'],
    ] as const) {
      expect(outcome(await ask(secret, { headers: { [name]: value } }))).toEqual([403, 'address_not_allowed']);
    }
    const here = await goodFrom('127.0.0.1');
    expect((await ask(here, { headers: { 'x-forwarded-for': '192.0.2.7' } })).status).toBe(200);
  });

  it('counts in the metrics, and is no use of the secret', async () => {
    const metrics = String(latchkey.log.find((line) => line.metrics)!.metrics).replace('/metrics', '');
    const count = async () => {
      const { text } = await client(metrics)('GET', '/metrics');
      return Number(/^latchkey_refused_secrets_total\{reason="address"\} (\d+)$/m.exec(text)![1]);
    };
    const secret = await goodFrom('192.0.2.0/24');
    const before = await count();
    for (let i = 0; i < 5; i++) await ask(secret);
    expect((await count()) - before).toBe(5);
    await latchkey.app.get(LastUse, { strict: false }).onApplicationShutdown();
    const { secrets } = await latchkey.apiKeys.find(OPERATOR, secret.apiKey);
    expect(secrets.find(({ id }) => id === secret.id)).toMatchObject({ lastUsedAt: null, lastUsedFrom: null });
  });
});

describe('behind a proxy that is trusted', () => {
  let latchkey: TestApp;
  let secret: TestKey;
  let user: string;
  beforeAll(async () => {
    latchkey = await startApp({ trustProxy: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'], badCredentialsPerMinute: 5 });
    ({ user } = await latchkey.key());
    secret = await latchkey.secret(user, { allowedNetworks: ['192.0.2.0/24', '2001:db8::/32', 'fe80::/10'] });
  });
  afterAll(() => latchkey.close());

  const ask = (forwarded: string | string[], auth = secret.token) =>
    latchkey.call('GET', '/v1/me', { auth, headers: { 'x-forwarded-for': forwarded } });

  it.each([
    ['192.0.2.7', 200],
    ['::ffff:192.0.2.7', 200],
    ['2001:db8::7', 200],
    ['2001:DB8:0:0::7', 200],
    ['fe80::7%eth0', 200],
    ['fe80::7%25eth0', 200],
    ['198.51.100.7', 403],
    ['2001:db9::7', 403],
    ['::192.0.2.7', 403],
    // What a caller says of itself stands on the left of what the proxy says.
    ['192.0.2.7, 198.51.100.7', 403],
    ['2001:db8::1, 192.0.2.1,198.51.100.7', 403],
    ['198.51.100.7, 192.0.2.7', 200],
    // Proxies that are trusted are no callers.
    ['192.0.2.7, 10.1.2.3', 200],
    ['192.0.2.7, fd00::1, 10.1.2.3', 200],
    ['198.51.100.7, 10.1.2.3', 403],
    ['192.0.2.7, 198.51.100.7, 10.1.2.3', 403],
    ['10.1.2.3', 403],
    // No addresses.
    ['unknown', 403],
    ['_hidden', 403],
    ['192.0.2.7:4711', 403],
    ['[2001:db8::7]', 403],
    ['"192.0.2.7"', 403],
    ['192.0.2', 403],
    ['192.0.2.007', 403],
    ['192.0.2.7%eth0', 403],
    ['3221225991', 403],
    ['', 403],
    [',', 403],
    ['192.0.2.7,', 200],
    [`192.0.2.7${'x'.repeat(8000)}`, 403],
  ])('X-Forwarded-For: %s is %i', async (forwarded, status) => {
    for (let i = 0; i < 2; i++) {
      const answer = await ask(forwarded);
      expect(answer.status).toBe(status);
      if (status === 403)
        expect([answer.json.code, answer.json.detail.length < 300]).toEqual(['address_not_allowed', true]);
    }
  });

  it('two headers are one list', async () => {
    expect((await ask(['192.0.2.7', '198.51.100.7'])).status).toBe(403);
    expect((await ask(['198.51.100.7', '192.0.2.7'])).status).toBe(200);
  });

  it('is no bad credential: the limit of that address is as it was', async () => {
    for (let i = 0; i < 20; i++) expect((await ask('198.51.100.9')).status).toBe(403);
    expect((await ask('198.51.100.9', 'token a:b')).status).toBe(401);
    // Past the limit, a right secret is still told apart from a bad one.
    for (let i = 0; i < 10; i++) await ask('198.51.100.10', `token a:${i}`);
    expect((await ask('198.51.100.10', 'token a:x')).status).toBe(429);
    const cold = await latchkey.secret(user, { allowedNetworks: ['192.0.2.0/24'] });
    const answers = await Promise.all([ask('198.51.100.10', cold.token), ask('198.51.100.10', cold.token)]);
    expect(answers.map(outcome)).toEqual([
      [403, 'address_not_allowed'],
      [403, 'address_not_allowed'],
    ]);
  });

  it('has one row in the audit trail for each secret and address, and a line in the log', async () => {
    const [a, b] = await Promise.all([1, 2].map(() => latchkey.secret(user, { allowedNetworks: ['192.0.2.0/24'] })));
    for (let i = 0; i < 3; i++) {
      for (const { token } of [a!, b!]) for (const end of ['1', '2']) await ask(`198.51.100.${end}`, token);
    }
    await latchkey.app.get(GatheredRefusals).write(); // as it does each minute
    const { items } = await latchkey.app
      .get(AuditService)
      .list(OPERATOR, { event: 'secret.refused_address', limit: 100 });
    const lines = latchkey.log.filter(({ event }) => event === 'secret.refused_address');
    for (const rows of [items, lines as unknown as AuditRecord[]]) {
      const found = rows
        .filter(({ credential }) => [a!.id, b!.id].includes(credential!))
        .map(({ actor, subject, credential, address, details }) => [
          actor,
          subject,
          credential,
          address,
          details.count,
        ]);
      const expected = [a!, b!].flatMap(({ id }) => ['1', '2'].map((end) => [user, user, id, `198.51.100.${end}`, 3]));
      expect(found.toSorted()).toEqual(expected.toSorted());
    }
  });
});

@Controller()
@UseGuards(ApiKeyAuthGuard)
class Routes {
  @Get('private') private(@CurrentPrincipal() { name }: Principal) {
    return { name };
  }
  @Get('public') @Public() public() {}
}

describe('in a host', () => {
  let host: Host;
  afterAll(() => host?.close());

  /** Sends a request over a stream that has no address, as a socket of Unix has none. */
  async function askWithoutAddress(path: string, auth: string): Promise<string> {
    const [up, down] = [new PassThrough(), new PassThrough()];
    const server: Server = host.app.getHttpServer();
    server.emit('connection', Duplex.from({ readable: up, writable: down }));
    let text = '';
    down.on('data', (chunk) => (text += chunk));
    up.write(`GET ${path} HTTP/1.1\r\nHost: host\r\nAuthorization: ${auth}\r\nConnection: close\r\n\r\n`);
    await once(down, 'end');
    return text;
  }

  it.each([
    ['that trusts no proxy', false, [200, 403, 403, 403]],
    ['that trusts its proxy', '127.0.0.1', [200, 403, 200, 403]],
  ] as const)('%s, its own setting decides', async (_, trustProxy, expected) => {
    await host?.close();
    host = await startHost({ controllers: [Routes], adapter: new FastifyAdapter({ trustProxy }) });
    const { name } = await host.token();
    const [here, there] = await Promise.all(
      ['127.0.0.0/8', '192.0.2.0/24'].map((network) => host.secret(name, { allowedNetworks: [network] })),
    );
    const statusOf = async (auth: string, forwarded?: string) => {
      const headers: Record<string, string> = forwarded ? { 'x-forwarded-for': forwarded } : {};
      const { status, json } = await host.call('GET', '/private', { auth, headers });
      if (status === 403) expect(json.message).toMatch(/^This request came from \S+, and the secret is not good from/);
      return status;
    };
    const seen = [await statusOf(here!), await statusOf(there!), await statusOf(there!, '192.0.2.7')];
    seen.push(await statusOf(there!, '192.0.2.7, 198.51.100.7'));
    expect(seen).toEqual(expected);
  });

  it('a request without an address is refused, and one with a secret for anywhere is not', async () => {
    const { name, token } = await host.token();
    const everywhere = await host.secret(name, { allowedNetworks: ['0.0.0.0/0', '::/0'] });
    for (const path of ['/private', '/public']) {
      const refused = await askWithoutAddress(path, everywhere);
      expect(refused).toContain('HTTP/1.1 403');
      expect(refused).toContain('This request has no address, and the secret is not good from there.');
    }
    expect(await askWithoutAddress('/private', token)).toContain('HTTP/1.1 200');
  });
});
