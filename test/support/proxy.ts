import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP proxy in front of a database, to take the database away and give it back. */
export interface Proxy {
  readonly port: number;
  /** Connections are refused, and those that are open are cut. */
  refuse(): Promise<void>;
  /** Connections stay open, and nothing comes through any more. */
  blackHole(): void;
  heal(): Promise<void>;
  close(): Promise<void>;
}

export async function proxyTo(target: { host: string; port: number }): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let swallowing = false;
  const listen = async (at: number) => {
    const fresh = createServer((near) => {
      const far = connect(target.port, target.host);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from);
        from.on('data', (chunk) => void (swallowing || to.write(chunk)));
        from.on('error', () => from.destroy());
        from.on('close', () => {
          sockets.delete(from);
          to.destroy();
        });
      }
    });
    fresh.listen(at, '127.0.0.1');
    await once(fresh, 'listening');
    return fresh;
  };
  let server = await listen(0);
  const { port } = server.address() as { port: number };
  const refuse = async () => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port,
    refuse,
    blackHole: () => void (swallowing = true),
    async heal() {
      swallowing = false;
      if (!server.listening) server = await listen(port);
    },
    close: refuse,
  };
}
