import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freshDatabase, type TestDatabase } from '../support/app.js';
import { client } from '../support/http.js';
import { latchkey as command, type Running, startProcess } from '../support/process.js';
import { sender } from './sending.js';
import { type Body, worstBodies } from './worst-bodies.js';

const PROBE = pathToFileURL(join(process.cwd(), 'test/support/loop-time.mjs')).href;
const KIB = 1024;
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((size) => size * KIB);
/**
 * Milliseconds of a processor for a whole request, of which the longest hold is a part. A quiet machine needs a fifth
 * (docs/security.md); this one may have other things to do.
 */
const BOUND = 35;
/** So many of the worst of each route are sent again, twice. */
const SUSPECTS = 3;
const GENERATE = 'frappe.core.doctype.user.user.generate_keys';
/** What a route of Frappe reads, which OpenAPI does not say. */
const FRAPPE_FIELDS = ['user', 'usr', 'pwd', 'cmd'];

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly fields: readonly string[];
}

let dir: string;
let database: TestDatabase;
let running: Running;
let probe: Socket;
let token: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'latchkey-bodies-'));
  database = await freshDatabase();
  const env = {
    DATABASE_URL: database.url,
    ADMIN_PASSWORD: 'no token is to be printed',
    DOCS: 'on',
    TRUST_PROXY: '127.0.0.1',
  };
  const socket = join(dir, 'probe');
  running = await startProcess({ ...env, NODE_OPTIONS: `--import=${PROBE}`, LOOP_TIME: socket });
  const made = await command(['keys', 'generate', 'Administrator', '--json'], env);
  const { apiKey, apiSecret } = JSON.parse(made.stdout);
  token = `token ${apiKey}:${apiSecret}`;
  probe = connect(socket);
  await once(probe, 'connect');
});
afterAll(async () => {
  probe.destroy();
  await running.end('SIGKILL');
  await database.remove();
  rmSync(dir, { recursive: true, force: true });
});

/** Milliseconds for which the server's event loop has worked so far. */
async function worked(): Promise<number> {
  probe.write('?');
  return Number((await once(probe, 'data'))[0]);
}

/** Every route as the router told of it at the start, with the fields that its body has according to OpenAPI. */
async function routes(): Promise<Route[]> {
  const { json: document } = await client(running.url)('GET', '/docs/openapi.json');
  const fieldsOf = (method: string, path: string): string[] => {
    const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
    const { $ref = '' } = operation?.requestBody?.content['application/json'].schema ?? {};
    return Object.keys(document.components.schemas[$ref.split('/').at(-1)]?.properties ?? {});
  };
  const there = [...running.output().matchAll(/"Mapped \{(.*?), (.*?)\} route"/g)].map(([, path, verb]) => {
    const method = verb === 'ALL' ? 'POST' : verb!;
    const isFrappe = path === '/' || path!.startsWith('/api/');
    const fields = isFrappe ? FRAPPE_FIELDS : fieldsOf(method, path!);
    return { name: `${verb} ${path}`, method, path: path!.replace(/:\w+/g, 'x'), fields };
  });
  // A route of Frappe is as many as it has methods, which are the same for each version.
  return there.flatMap((route) => {
    const methods = route.path === '/api/method/*' ? ['login', 'ping', GENERATE] : ['login'];
    return (route.path.includes('*') ? methods : ['']).map((method) => ({
      ...route,
      name: route.name.replace('*', method.split('.').at(-1)!),
      path: route.path.replace('*', method),
    }));
  });
}

it('no body of any route holds the event loop', async () => {
  const { send, close } = sender(running.url, 1);
  let sent = 0;
  const post = async ({ method, path }: Route, { type, text }: Pick<Body, 'type' | 'text'>) => {
    const isLogIn = path.endsWith('/session') || path.endsWith('/login');
    const auth = isLogIn ? [] : [['Authorization', token] as const];
    // Each from an address of its own, or log-ins would wait for their turn.
    const address = `10.${(sent >> 16) & 255}.${(sent >> 8) & 255}.${sent++ & 255}`;
    const headers = [...auth, ['Content-Type', type] as const, ['X-Forwarded-For', address] as const];
    // Who sends more than the server reads may be cut off.
    return await send({ method, path, headers, body: text }).catch(() => ({ status: 413 }));
  };
  const measure = async (route: Route, body: Body) => {
    const before = await worked();
    await post(route, body);
    return (await worked()) - before;
  };
  const table: { route: string; bytes: number; worst: number; what: string; count: number }[] = [];
  for (const route of await routes()) {
    let bytes = 0;
    for (const size of SIZES) {
      const { status } = await post(route, { type: 'application/json', text: ' '.repeat(size) });
      if (status !== 413) bytes = size;
    }
    const first: { body: Body; ms: number }[] = [];
    // Where nothing is too long, nothing is read.
    const bodies =
      bytes === SIZES.at(-1) ? [...worstBodies(bytes / 8, [])].slice(-5) : worstBodies(bytes, route.fields);
    for (const body of bodies) first.push({ body, ms: await measure(route, body) });
    const medians: { what: string; ms: number }[] = [];
    for (const { body, ms } of first.toSorted((a, b) => b.ms - a.ms).slice(0, SUSPECTS)) {
      const times = [ms, await measure(route, body), await measure(route, body)];
      medians.push({ what: body.what, ms: times.toSorted((a, b) => a - b)[1]! });
    }
    const worst = medians.toSorted((a, b) => b.ms - a.ms)[0]!;
    table.push({ route: route.name, bytes, worst: worst.ms, what: worst.what, count: first.length });
  }
  close();
  const width = Math.max(...table.map(({ route }) => route.length));
  for (const { route, bytes, worst, what } of table.toSorted((a, b) => b.worst - a.worst)) {
    const ms = worst.toFixed(1).padStart(6);
    process.stdout.write(`${route.padEnd(width)} ${String(bytes / KIB).padStart(4)} KiB ${ms} ms  ${what}\n`);
  }
  process.stdout.write(`${table.reduce((sum, { count }) => sum + count, 0)} bodies\n`);
  expect(table.filter(({ worst }) => worst > BOUND)).toEqual([]);
}, 300_000);
