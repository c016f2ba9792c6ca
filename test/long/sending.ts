import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { Input } from './bad-inputs.js';

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const LIMIT_MS = 10_000;

/** Sends inputs over kept-alive connections; a request that is not answered in time is an error. */
export function sender(url: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { host, hostname, port } = new URL(url);
  const once = ({ method, path, headers, body }: Pick<Input, 'method' | 'path' | 'headers' | 'body'>) =>
    new Promise<Received>((resolve, reject) => {
      // A flat list is sent as it is, header by header.
      const list = [['Host', host], ['Content-Length', String(Buffer.byteLength(body ?? ''))], ...headers].flat();
      const sent = request({ agent, hostname, port, method, path, headers: list as never }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
        response.on('error', reject);
      });
      sent.setTimeout(LIMIT_MS, () => sent.destroy(new Error(`no answer within ${LIMIT_MS} ms`)));
      sent.on('error', (error: NodeJS.ErrnoException) => {
        reject(Object.assign(error, { stale: sent.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code!) }));
      });
      sent.end(body);
    });
  return {
    /** Once more where the server had closed the connection since its last answer. */
    send: async (input: Parameters<typeof once>[0]): Promise<Received> => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(input);
        } catch (error) {
          if (!(error as { stale?: boolean }).stale || attempt === 3) throw error;
        }
      }
    },
    close: () => agent.destroy(),
  };
}
