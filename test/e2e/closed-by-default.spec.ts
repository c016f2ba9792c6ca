import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';

/** Every route that a caller without a credential may use. A new one has to be added here on purpose. */
const OPEN = [
  'GET /health/live',
  'GET /health/ready',
  'ALL /*', // answers 404
  // Each method says for itself whether Guest may call it.
  'ALL /api/method/*',
  'ALL /api/v1/method/*',
  'ALL /api/v2/method/*',
  'ALL /',
  'ALL /login', // leads to the page
  'POST /v1/session',
  'DELETE /v1/session',
];

let latchkey: TestApp;
beforeAll(async () => {
  latchkey = await startApp();
});
afterAll(() => latchkey.close());

it('every route but these asks for a credential', async () => {
  const routes = latchkey.log
    .filter(({ context }) => context === 'RouterExplorer')
    .map(({ msg }) => /^Mapped \{(.*), (.*)\} route$/.exec(msg as string)!)
    .map(([, path, method]) => [method!, path!] as const);
  expect(routes.length).toBeGreaterThan(15);
  const open: string[] = [];
  for (const [method, path] of routes) {
    const { status } = await latchkey.call(method === 'ALL' ? 'GET' : method, path.replace(/:\w+|\*/g, 'x'));
    if (status !== 401 || path === '/v1/session') open.push(`${method} ${path}`);
  }
  expect(open.toSorted()).toEqual(OPEN.toSorted());
});

it('what is nowhere is 404, in the language of its place', async () => {
  const rest = await latchkey.call('GET', '/nothing');
  expect([rest.status, rest.json.code]).toEqual([404, 'not_found']);
  for (const path of ['/api', '/api/', '/api/method', '/api/foo', '/api/v3/method/ping']) {
    const { status, json } = await latchkey.call('GET', path);
    expect([status, json]).toEqual([404, { exc_type: 'DoesNotExistError' }]);
  }
});
