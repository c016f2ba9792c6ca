import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import passport from 'passport';
import { ApiKeyAuthGuard, ApiKeyVerifier, CurrentPrincipal, type Principal } from '../../src/index.js';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { type Host, startHost } from '../support/host.js';
import { basic } from '../support/http.js';

/** Several Nest apps in one process, with a database each, as a test that makes an app for each case has them too. */

@Controller()
class Who {
  @Get('who')
  @UseGuards(ApiKeyAuthGuard)
  who(@CurrentPrincipal() { name }: Principal) {
    return { name };
  }

  @Get('by-name')
  @UseGuards(AuthGuard(['latchkey-token', 'latchkey-basic']))
  byName(@CurrentPrincipal() { name }: Principal) {
    return { name };
  }
}

const start = (database?: TestDatabase) => startHost({ controllers: [Who], ...(database && { database }) });
/** As memory judges, which knows the caller from the second time on, and as the strategies do. */
const schemesOf = (token: string) => {
  const [, apiKey, apiSecret] = /^token (.*?):(.*)$/.exec(token)!;
  return [token, token, basic(apiKey!, apiSecret!)];
};
const registered = () =>
  Object.keys((passport as unknown as { _strategies: object })._strategies).filter((name) => /latchkey/.test(name));

let open: Host[] = [];
afterEach(async () => {
  for (const host of open) await host.close();
  open = [];
});
const opened = async (...args: Parameters<typeof start>) => {
  const host = await start(...args);
  open.push(host);
  return host;
};

it('alive at once, each knows its own tokens alone', async () => {
  const hosts = [await opened(), await opened(), await opened()];
  const known = await Promise.all(hosts.map((host) => host.token()));
  for (const [i, host] of hosts.entries()) {
    for (const [j, { name, token }] of known.entries()) {
      for (const auth of schemesOf(token)) {
        const { status, json } = await host.call('GET', '/who', { auth });
        expect([i, j, status, json.name]).toEqual(i === j ? [i, j, 200, name] : [i, j, 401, undefined]);
      }
    }
  }
  await open.pop()!.close();
  for (const [i, host] of hosts.slice(0, 2).entries()) {
    expect((await host.call('GET', '/who', { auth: known[i]!.token })).json).toEqual({ name: known[i]!.name });
    expect((await host.call('GET', '/who', { auth: known[2]!.token })).status).toBe(401);
  }
});

it('in turn, each knows its own tokens alone', async () => {
  const tokens: string[] = [];
  for (let i = 0; i < 3; i++) {
    const host = await opened();
    const { name, token } = await host.token();
    for (const auth of tokens) expect((await host.call('GET', '/who', { auth })).status).toBe(401);
    for (const auth of schemesOf(token)) {
      expect((await host.call('GET', '/who', { auth })).json).toEqual({ name });
      expect((await host.call('GET', '/by-name', { auth })).json).toEqual({ name });
    }
    tokens.push(token);
    await open.pop()!.close();
  }
});

it('by name: works for one app, says so where there are two, and works again for the one that is left', async () => {
  const first = await opened();
  const { name, token } = await first.token();
  const ask = (host: Host) => host.call('GET', '/by-name', { auth: token });
  expect((await ask(first)).json).toEqual({ name });
  const second = await opened();
  for (const host of [first, second]) {
    expect((await ask(host)).status).toBe(500);
    expect(host.log.join('\n') + second.log.join('\n')).toContain(
      'Two apps of this process import AuthModule, and Passport knows "latchkey-token" once for all: use ApiKeyAuthGuard',
    );
  }
  await open.pop()!.close();
  expect((await ask(first)).json).toEqual({ name });
});

it('requests at the same time are each answered for their own caller', async () => {
  const host = await opened();
  const callers = await Promise.all(Array.from({ length: 20 }, () => host.token()));
  // None is answered before all are being asked.
  const verifier = host.app.get(ApiKeyVerifier);
  const verify = verifier.verify.bind(verifier);
  let all = () => {};
  const asked = new Promise<void>((resolve) => (all = resolve));
  let count = 0;
  verifier.verify = async (...args) => {
    if (++count === callers.length) all();
    await asked;
    return verify(...args);
  };
  const answers = await Promise.all(callers.map(({ token }) => host.call('GET', '/who', { auth: token })));
  expect(answers.map(({ json }) => json.name)).toEqual(callers.map(({ name }) => name));
});

/** A server adds its connections to what an app could leave behind, and some are enough for these. */
const APPS = ENGINE === 'sqlite' ? 100 : 10;

describe(`${APPS} apps, made and closed`, () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.remove());

  it('leave nothing behind: no listener, no name in Passport, no memory', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
    const verifiers: WeakRef<ApiKeyVerifier>[] = [];
    const round = async () => {
      const host = await start(database);
      const { token } = await host.token();
      expect((await host.call('GET', '/who', { auth: token })).status).toBe(200);
      verifiers.push(new WeakRef(host.app.get(ApiKeyVerifier)));
      await host.close();
    };
    await round();
    const before = listeners();
    for (let i = 1; i < APPS; i++) await round();
    expect(listeners()).toEqual(before);
    expect(registered()).toEqual([]);
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    // Nest itself holds on to the last one.
    expect(verifiers.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(2);
  });
});
