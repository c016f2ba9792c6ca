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
 * lib/internal/cluster/round_robin_handle.js), and so would its client.
 * @param hasOthers whether another worker listens.
 */
export function passOnUntaken(worker: Worker, hasOthers: () => boolean): void {
  const { process: child } = worker;
  if (child.pid === undefined) return; // it could not be started, and has no channel
  const untaken = new Set<number>();
  const send = child.send.bind(child) as (...sent: unknown[]) => boolean;
  child.send = (message: unknown, ...rest: unknown[]) => {
    const { act, seq } = message as Internal;
    if (act === 'newconn') untaken.add(seq!);
    return send(message, ...rest);
  };
  child.on('internalMessage', ({ ack }: Internal) => void untaken.delete(ack!));
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
