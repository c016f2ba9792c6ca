import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads any field, and fails on a missing one
  readonly json: any;
}

export interface Options {
  /** The Authorization header; an array sends it more than once. */
  readonly auth?: string | string[];
  readonly headers?: Record<string, string | string[]>;
  readonly json?: unknown;
  readonly form?: Record<string, string>;
  readonly body?: string;
  readonly raw?: Buffer;
}

export type Client = (method: string, path: string, options?: Options) => Promise<Answer>;

/** Sends requests as they are given, header by header, on a connection each. */
export function client(url: string): Client {
  return (method, path, { auth, headers = {}, json, form, body: text, raw } = {}) => {
    const body =
      json !== undefined ? JSON.stringify(json) : form ? new URLSearchParams(form).toString() : (text ?? raw);
    const type = json !== undefined ? 'application/json' : form ? 'application/x-www-form-urlencoded' : undefined;
    const all: OutgoingHttpHeaders = {
      ...(type && { 'content-type': type }),
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      ...(auth !== undefined && { authorization: auth as string }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const sent = request(url + path, { method, headers: all, agent: false }, (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (received += chunk));
        response.on('end', () => {
          const isJson = /\bjson/.test(response.headers['content-type'] ?? '') && received !== '';
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text: received,
            json: isJson ? JSON.parse(received) : undefined,
          });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  };
}

export function basic(apiKey: string, apiSecret: string): string {
  return `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
}
