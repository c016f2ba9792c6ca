import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp, type TestKey } from '../support/app.js';

const LOGGED_USER = 'frappe.auth.get_logged_user';
let latchkey: TestApp;
let key: TestKey;

beforeAll(async () => {
  latchkey = await startApp();
  key = await latchkey.key();
});
afterAll(() => latchkey.close());

const messagesOf = (json: { _server_messages: string }) =>
  (JSON.parse(json._server_messages) as string[]).map((message) => JSON.parse(message));

describe('envelopes', () => {
  it.each([
    ['/api/method', 'message'],
    ['/api/v1/method', 'message'],
    ['/api/v2/method', 'data'],
  ])('%s answers in %s', async (prefix, field) => {
    expect((await latchkey.call('GET', `${prefix}/${LOGGED_USER}`, { auth: key.token })).json).toEqual({
      [field]: key.user,
    });
    expect((await latchkey.call('GET', `${prefix}/ping`)).json).toEqual({ [field]: 'pong' });
    expect((await latchkey.call('GET', `${prefix}/frappe.ping`)).json).toEqual({ [field]: 'pong' });
  });

  it.each(['GET', 'POST', 'PUT', 'DELETE'])('%s runs a reading method, with 200', async (method) => {
    expect((await latchkey.call(method, `/api/method/${LOGGED_USER}`, { auth: key.token })).status).toBe(200);
  });

  it.each(['PATCH', 'HEAD'])('%s is not permitted', async (method) => {
    expect((await latchkey.call(method, `/api/method/${LOGGED_USER}`, { auth: key.token })).status).toBe(403);
  });

  it('what follows the method in the path is ignored', async () => {
    for (const tail of ['/', '/x/y', '/?a=b']) {
      expect((await latchkey.call('GET', `/api/method/${LOGGED_USER}${tail}`, { auth: key.token })).status).toBe(200);
    }
  });

  it('a JSON type without a body is no hindrance', async () => {
    for (const method of ['GET', 'DELETE', 'POST']) {
      const headers = { 'content-type': 'application/json; charset=utf-8', accept: 'application/json' };
      expect((await latchkey.call(method, `/api/method/${LOGGED_USER}`, { auth: key.token, headers })).status).toBe(
        200,
      );
    }
  });
});

describe('errors', () => {
  it('an unknown method is 417, for Guest too', async () => {
    for (const auth of [key.token, undefined]) {
      const { status, json } = await latchkey.call('GET', '/api/method/foo.bar', { auth });
      expect(status).toBe(417);
      expect(json).toMatchObject({
        exc_type: 'ValidationError',
        exception: expect.stringContaining('frappe.exceptions.ValidationError'),
      });
      expect(messagesOf(json)[0].message).toMatch(/^Failed to get method for command foo\.bar with /);
      expect(JSON.parse(json.exc)[0]).toMatch(/^frappe\.exceptions/);
    }
  });

  it('v2 has its own shape', async () => {
    const { status, json } = await latchkey.call('GET', '/api/v2/method/foo', { auth: key.token });
    expect(status).toBe(417);
    expect(json).toEqual({
      errors: [
        {
          type: 'ValidationError',
          exception: expect.stringContaining('Failed to get method foo'),
          message: expect.stringContaining('Failed to get method foo'),
          title: 'Message',
          indicator: 'red',
        },
      ],
    });
    const unauthenticated = await latchkey.call('GET', '/api/v2/method/ping', { auth: 'token a:b' });
    expect([unauthenticated.status, unauthenticated.json.errors[0].type]).toEqual([401, 'AuthenticationError']);
  });

  it('Guest is told as Frappe tells it', async () => {
    const { status, json } = await latchkey.call('GET', `/api/method/${LOGGED_USER}`);
    expect(status).toBe(403);
    expect(messagesOf(json)[0]).toMatchObject({
      title: 'Method Not Allowed',
      message: `Function ${LOGGED_USER} is not whitelisted.`,
    });
  });

  it('messages are safe to show as HTML', async () => {
    const { json, text } = await latchkey.call('GET', '/api/method/%3Cscript%3E', { auth: key.token });
    expect(messagesOf(json)[0].message).not.toContain('<');
    expect(text).not.toContain('node_modules');
  });

  it('a fault keeps the inside inside', async () => {
    const manager = await latchkey.key(['System Manager']);
    const { dataSource } = latchkey;
    await dataSource.query('ALTER TABLE lk_api_secrets RENAME COLUMN hint TO hint_away');
    try {
      const options = { auth: manager.token, json: { user: key.user } };
      const { status, json, text } = await latchkey.call('POST', '/api/method/frappe.core.doctype.user.user', options);
      expect([status, json.exc_type]).toEqual([500, 'InternalError']);
      expect(text).not.toMatch(/hint|INSERT|node_modules|\.ts|at /);
    } finally {
      await dataSource.query('ALTER TABLE lk_api_secrets RENAME COLUMN hint_away TO hint');
    }
  });

  it('a bad path or body stays in the language of Frappe', async () => {
    const path = await latchkey.call('GET', '/api/method/%zz', { auth: key.token });
    expect([path.status, path.json.exc_type]).toEqual([417, 'ValidationError']);
    const options = { auth: key.token, body: '{', headers: { 'content-type': 'application/json' } };
    const body = await latchkey.call('POST', `/api/method/${LOGGED_USER}`, options);
    expect([body.status, body.json.exc_type]).toEqual([417, 'ValidationError']);
    const large = await latchkey.call('POST', `/api/method/${LOGGED_USER}`, {
      auth: key.token,
      json: 'x'.repeat(300_000),
    });
    expect(large.status).toBe(413);
  });
});
