import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** So many may wait on a connection before it is read no further. One that is not read is not seen to end either. */
const READ_AHEAD = 16;

type Exchange = [request: IncomingMessage, response: ServerResponse];

/**
 * Has the requests of one connection answered one after the other (HTTP pipelining, RFC 9112, section 9.3.2). Node hands
 * out all that it has read, so that few connections could have thousands of requests in work. Those that wait when the
 * connection ends are dropped.
 *
 * To be called before requests come, and before anything else replaces the server's listeners.
 */
export function oneAtATime(server: Server): void {
  const handlers = server.listeners('request') as RequestListener[];
  const waiting = new WeakMap<Socket, Exchange[]>();
  const handle = ([request, response]: Exchange): void => {
    response.once('close', () => next(request.socket));
    for (const handler of handlers) handler.call(server, request as never, response as never);
  };
  const next = (socket: Socket): void => {
    const line = waiting.get(socket)!;
    const exchange = socket.destroyed ? undefined : line.shift();
    if (line.length === READ_AHEAD) socket.resume();
    if (exchange) handle(exchange);
    else waiting.delete(socket);
  };
  server.removeAllListeners('request');
  server.on('request', (...exchange: Exchange) => {
    const { socket } = exchange[0];
    const line = waiting.get(socket);
    if (!line) {
      waiting.set(socket, []);
      return handle(exchange);
    }
    line.push(exchange);
    // At the end of what was read: Node goes on reading after each request that is complete.
    process.nextTick(() => {
      if (line.length > READ_AHEAD) socket.pause();
    });
  });
}
