import type { Server } from 'node:http';
import { Socket } from 'node:net';

const MOST = 32;
const { uncork, destroy } = Socket.prototype;

/**
 * Has the answers of one turn of the event loop written at its end, as Redis does (`handleClientsWithPendingWrites` in
 * networking.c), or when 32 connections have some, so that the first do not wait for hundreds. A write wakes whoever
 * waits for it, which takes as long as half a request; of several in a row, all but the first find their reader awake.
 */
export function writeTogether(server: Server): void {
  const waiting = new Set<Socket>();
  const write = (socket: Socket) => {
    waiting.delete(socket);
    while (socket.writableCorked > 0) uncork.call(socket);
  };
  const writeAll = () => {
    for (const socket of waiting) write(socket);
  };
  server.on('connection', (socket: Socket) => {
    // node:http holds back the parts of an answer by `cork`, and writes by `uncork` what it has of it.
    socket.uncork = () => {
      if (waiting.size === 0) setImmediate(writeAll);
      waiting.add(socket);
      if (waiting.size >= MOST) writeAll();
    };
    // What was answered before garbage came, or before the server closed, would be lost otherwise.
    socket.destroy = (error) => {
      if (waiting.has(socket)) write(socket);
      return destroy.call(socket, error) as Socket;
    };
  });
}
