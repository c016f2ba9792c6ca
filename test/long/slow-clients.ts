import { connect, type Socket } from 'node:net';

/** One hostile connection: when it ended, counted from its begin, and what it had received. */
export interface Ended {
  readonly milliseconds: number;
  readonly received: string;
}

/** Many alike, opened at once. */
export interface Crowd {
  readonly sockets: readonly Socket[];
  readonly ended: Promise<Ended[]>;
}

/** Opens connections, and lets `behave` do to each what its client does. */
export function crowd(url: string, size: number, behave: (socket: Socket) => void): Crowd {
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: size }, () => connect(Number(port), hostname));
  const ended = sockets.map((socket) => {
    const began = performance.now();
    let received = '';
    socket.setEncoding('latin1').on('data', (chunk) => (received += chunk));
    socket.on('error', () => undefined); // that it was reset says 'close' too
    socket.once('connect', () => behave(socket));
    return new Promise<Ended>((resolve) => {
      socket.once('close', () => resolve({ milliseconds: performance.now() - began, received }));
    });
  });
  return { sockets, ended: Promise.all(ended) };
}

/** Writes a head at once, and then a byte each second for as long as the connection stands. */
export function drip(head: string, byte: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(byte), 1000);
    socket.once('close', () => clearInterval(timer));
  };
}
