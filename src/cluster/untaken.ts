import cluster, { type Worker } from 'node:cluster';

/** What node:cluster sends through a worker's channel (lib/internal/cluster/utils.js). */
interface Internal {
  readonly cmd: 'NODE_CLUSTER';
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * Gives the connection that a worker was sent, and did not take before it ended, to another; closes it where there is
 * none. Node waits for ever for the worker to say that it has taken it (`handoff` in
 * lib/internal/cluster/round_robin_handle.js), and so would its client. Sockets of their own (`reusePort`) would be no
 * better: with a worker that is killed, Linux resets all connections that wait for it.
 *
 * None of these messages is documented.
 * @param hasOthers whether another worker listens.
 * @param onUnknown called where Node no longer sends them as this function expects.
 */
export function passOnUntaken(worker: Worker, hasOthers: () => boolean, onUnknown: () => void): void {
  const { process: child } = worker;
  if (child.pid === undefined) return; // it could not be started, and has no channel
  const untaken = new Set<number>();
  let query: number | undefined;
  let isKnown = false;
  const send = child.send.bind(child) as (...sent: unknown[]) => boolean;
  child.send = (message: unknown, ...rest: unknown[]) => {
    const { cmd, act, seq, ack } = message as Partial<Internal>; // or a message of ours
    if (ack !== undefined && ack === query) isKnown = true;
    if (act === 'newconn' && seq !== undefined) untaken.add(seq);
    else if (cmd && rest[0] && ack === undefined) onUnknown(); // a handle that is no answer
    return send(message, ...rest);
  };
  // Before Node's own listener, which answers.
  child.prependListener('internalMessage', ({ act, seq, ack }: Internal) => {
    if (act === 'queryServer') query = seq;
    untaken.delete(ack!);
  });
  // It has asked for the port, and was answered, by the channel on which its connections will come.
  worker.once('listening', () => {
    if (!isKnown) onUnknown();
  });
  // It has ended, and all that it said has been read.
  child.once('close', () => {
    // Where Node saw its end before that of its channel, and a connection was under way, it forgets to, and would send
    // others to a worker that is dead.
    if (cluster.workers?.[worker.id]) child.emit('disconnect');
    for (const ack of untaken) {
      const answer = { cmd: 'NODE_CLUSTER', ack, accepted: !hasOthers() }; // Node closes what is accepted
      child.emit('internalMessage', answer, undefined);
    }
  });
}
