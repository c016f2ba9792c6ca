import cluster, { type Worker } from 'node:cluster';

/** What node:cluster sends through a worker's channel (lib/internal/cluster/utils.js). */
interface Internal {
  readonly cmd: 'NODE_CLUSTER';
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * When a worker ends, passes the connections that it was sent and had not acknowledged to another worker; closes them
 * where there is none. Node waits for ever for the acknowledgement (`handoff` in
 * lib/internal/cluster/round_robin_handle.js), and so would the client. A socket for each worker (`reusePort`) would be
 * no better: when a worker is killed, Linux resets all connections that wait for it.
 *
 * None of these messages is documented.
 * @param hasOthers whether another worker listens.
 * @param onUnknown called where Node no longer sends them as this function expects.
 */
export function passOnUnacknowledged(worker: Worker, hasOthers: () => boolean, onUnknown: () => void): void {
  const { process: child } = worker;
  if (child.pid === undefined) return; // it could not be started, and has no channel
  const unacknowledged = new Set<number>();
  let query: number | undefined;
  let isKnown = false;
  const send = child.send.bind(child) as (...sent: unknown[]) => boolean;
  child.send = (message: unknown, ...rest: unknown[]) => {
    const { cmd, act, seq, ack } = message as Partial<Internal>; // or a message of ours
    if (ack !== undefined && ack === query) isKnown = true;
    if (act === 'newconn' && seq !== undefined) unacknowledged.add(seq);
    else if (cmd && rest[0] && ack === undefined) onUnknown(); // a handle that is not an answer
    return send(message, ...rest);
  };
  // Before Node's own listener, which answers.
  child.prependListener('internalMessage', ({ act, seq, ack }: Internal) => {
    if (act === 'queryServer') query = seq;
    unacknowledged.delete(ack!);
  });
  // The worker has asked for the port, and was answered, on the channel on which its connections will come.
  worker.once('listening', () => {
    if (!isKnown) onUnknown();
  });
  // The worker has ended, and all its messages have been read.
  child.once('close', () => {
    // When Node saw the end of the worker before that of its channel, and a connection was under way, Node forgets
    // this, and would send more connections to the dead worker.
    if (cluster.workers?.[worker.id]) child.emit('disconnect');
    for (const ack of unacknowledged) {
      const answer = { cmd: 'NODE_CLUSTER', ack, accepted: !hasOthers() }; // Node closes what is accepted
      child.emit('internalMessage', answer, undefined);
    }
  });
}
