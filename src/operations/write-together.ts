import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const MOST = 32;

/**
 * Has the answers of one turn of the event loop written at its end, as Redis does (`handleClientsWithPendingWrites` in
 * networking.c), or when there are 32 of them, so that the first do not wait for hundreds. A write wakes whoever waits
 * for it, which takes as long as half a request; of several in a row, all but the first find their reader awake.
 */
export function writeTogether(server: Server): void {
  const waiting = new Set<Socket>();
  const write = () => {
    for (const socket of waiting) {
      waiting.delete(socket); // first, for it may come to wait again
      const { uncork } = Object.getPrototypeOf(socket) as Socket;
      while (socket.writableCorked > 0) uncork.call(socket);
    }
  };
  server.on('connection', (socket: Socket) => {
    // node:http holds back the parts of an answer by `cork`, and writes by `uncork` what it has of it.
    socket.uncork = () => {
      waiting.add(socket);
      if (waiting.size === 1) setImmediate(write);
      else if (waiting.size >= MOST) write();
    };
  });
  // `server.close` calls it, and to Node a connection is idle as soon as its answer is complete, written or not.
  const closeIdle = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {
    write();
    closeIdle();
  };
}
