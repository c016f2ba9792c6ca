import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort } from './database-server.mjs';
import { latchkey, type Running, startProcess } from './process.js';
import { type Proxy, proxyTo } from './proxy.js';
import { message, type Reply, Wire } from './wire.js';

const SABOTAGE = join(process.cwd(), 'test/support/sabotage');

/** One Latchkey process; the database is behind a proxy of its own where that can be. */
export interface Node {
  /** From 1 on; also the number of the database member that it asks, where there are several. */
  readonly number: number;
  readonly url: string;
  readonly proxy: Proxy | undefined;
  readonly running: Running;
}

/** Several nodes over one database, or over the members of one. */
export class Nodes {
  private constructor(
    readonly all: readonly Node[],
    private readonly starts: ReadonlyMap<Node, () => Promise<Running>>,
    private readonly auth: string,
  ) {}

  /**
   * @param urls of the database, one for each node.
   * @param sabotage a module of test/support/sabotage that each of them loads first.
   * @param workers of each node, by its place.
   */
  static async start(
    urls: readonly string[],
    { direct = false, sabotage = '', workers = [] as readonly number[] } = {},
  ): Promise<Nodes> {
    // What is missing is made before the start, by one alone and where it can be written.
    const auth = await administrator(urls);
    const starts = new Map<Node, () => Promise<Running>>();
    const all = await Promise.all(
      urls.map(async (url, i) => {
        const target = new URL(url);
        const proxy =
          direct || url.startsWith('sqlite:')
            ? undefined
            : await proxyTo({ host: target.hostname, port: Number(target.port) });
        if (proxy) target.host = `127.0.0.1:${proxy.port}`;
        const env = {
          DATABASE_URL: proxy ? target.href : url,
          PORT: String(await freePort()),
          LOG_LEVEL: 'info',
          MIGRATE_ON_START: 'off',
          NODE_ENV: 'production',
          ...(workers[i] !== undefined && { WORKERS: String(workers[i]) }),
          ...(sabotage && { NODE_OPTIONS: `--import=${pathToFileURL(join(SABOTAGE, `${sabotage}.mjs`)).href}` }),
        };
        const start = () => startProcess(env);
        const running = await start();
        const node = { number: i + 1, url: running.url, proxy, running };
        starts.set(node, start);
        return node;
      }),
    );
    return new Nodes(all, starts, auth);
  }

  /** @throws when one of them has ended by itself. */
  requireAll(): void {
    for (const { number, running } of this.all) {
      const { exitCode, signalCode } = running.child;
      if (exitCode !== null || signalCode !== null)
        throw new Error(`Node ${number} has ended: ${signalCode ?? exitCode}\n${running.output().slice(-2000)}`);
    }
  }

  async restart(node: Node): Promise<void> {
    (node as { running: Running }).running = await this.starts.get(node)!();
  }

  /** A request as Administrator, unless other headers say otherwise. */
  message(
    method: string,
    path: string,
    json?: unknown,
    headers: Record<string, string> = { authorization: this.auth },
  ) {
    return message(method, path, headers, json);
  }

  /**
   * Asks one node after another until one has done it; for what is no part of what is measured.
   * @throws when none does, or one that did not answer has done it all the same (409).
   */
  async ask(...call: Parameters<Nodes['message']>): Promise<Reply> {
    const text = this.message(...call);
    let last = '';
    for (let i = 0; i < 60; i++) {
      const node = this.all[i % this.all.length]!;
      const reply = await once(node.url, text, 3000).catch((error: Error) => error);
      if (!(reply instanceof Error) && reply.status < 300) return reply;
      last = reply instanceof Error ? reply.message : `${reply.status} ${reply.body}`;
      if (!(reply instanceof Error) && reply.status === 409) break;
      if (i % this.all.length === this.all.length - 1) await delay(500);
    }
    throw new Error(`No node does ${call[0]} ${call[1]}: ${last}`);
  }

  async end(): Promise<void> {
    for (const { running, proxy } of this.all) {
      running.child.kill('SIGCONT');
      await running.end('SIGKILL');
      await proxy?.close();
    }
  }
}

/** One request on a connection of its own. @throws when the answer is not there in time. */
export async function once(url: string, text: string, timeoutMs: number): Promise<Reply> {
  const wire = await Wire.open(url);
  const timer = setTimeout(() => wire.close(), timeoutMs);
  try {
    return await wire.send(text);
  } finally {
    clearTimeout(timer);
    wire.close();
  }
}

async function administrator(urls: readonly string[]): Promise<string> {
  let problem = '';
  for (const url of new Set(urls)) {
    const { code, stdout, stderr } = await latchkey(['keys', 'generate', 'Administrator', '--json'], {
      DATABASE_URL: url,
    });
    problem = stderr;
    if (code !== 0) continue;
    const { apiKey, apiSecret } = JSON.parse(stdout) as { apiKey: string; apiSecret: string };
    return `token ${apiKey}:${apiSecret}`;
  }
  throw new Error(`No member of the database takes changes: ${problem}`);
}
