import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** Which way: up to the database, or down from it. */
export type Direction = 'up' | 'down' | 'both';

/** A TCP proxy in front of a database, to take the database away and give it back. */
export interface Proxy {
  readonly port: number;
  /** Connections are refused, and those that are open are cut. */
  refuse(): Promise<void>;
  /** Connections stay open, and nothing comes through any more: neither what is sent nor that it ends. */
  blackHole(direction?: Direction): void;
  /** All that the database says comes so many milliseconds later. */
  slowDown(ms: number): void;
  /**
   * As it was. What was under way comes through now, in order, as TCP brings it when the network is back; `lost`: it never
   * does, and its connections are cut.
   */
  heal(underWay?: 'delivered' | 'lost'): Promise<void>;
  close(): Promise<void>;
}

/** One direction of one connection. */
interface Pipe {
  /** What has not come through yet, oldest first; null is the end. */
  readonly held: (Buffer | null)[];
  letThrough(): void;
}

export async function proxyTo(target: { host: string; port: number }): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const pipes = new Set<Pipe>();
  let closed: Direction | undefined;
  let latency = 0;

  const pipe = (from: Socket, to: Socket, direction: Direction) => {
    const held: (Buffer | null)[] = [];
    const letThrough = () => {
      const chunk = held.shift();
      if (chunk) to.write(chunk);
      if (chunk !== null) return;
      to.destroy();
      pipes.delete(self);
    };
    const self: Pipe = { held, letThrough };
    pipes.add(self);
    const take = (chunk: Buffer | null) => {
      held.push(chunk);
      if (closed === direction || closed === 'both') return;
      if (latency > 0 && direction === 'down') setTimeout(() => self.held.length > 0 && letThrough(), latency);
      else while (held.length > 0) letThrough();
    };
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', take);
    from.on('error', () => from.destroy());
    from.on('close', () => {
      sockets.delete(from);
      take(null);
    });
  };
  const listen = async (at: number) => {
    const fresh = createServer((near) => {
      const far = connect(target.port, target.host);
      pipe(near, far, 'up');
      pipe(far, near, 'down');
    });
    fresh.listen(at, '127.0.0.1');
    await once(fresh, 'listening');
    return fresh;
  };
  const cut = () => {
    closed = undefined;
    for (const { held } of pipes) held.length = 0;
    for (const socket of sockets) socket.destroy();
  };
  let server = await listen(0);
  const { port } = server.address() as { port: number };
  const refuse = async () => {
    const ended = server.listening ? once(server, 'close') : undefined;
    server.close();
    cut();
    await ended;
  };
  return {
    port,
    refuse,
    blackHole: (direction = 'both') => void (closed = direction),
    slowDown: (ms) => void (latency = ms),
    async heal(underWay = 'delivered') {
      closed = undefined;
      latency = 0;
      if (underWay === 'lost') cut();
      for (const { held, letThrough } of pipes) while (held.length > 0) letThrough();
      if (!server.listening) server = await listen(port);
    },
    close: refuse,
  };
}
