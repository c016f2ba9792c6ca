// Preloaded by a server under test: answers on the socket LOOP_TIME with the milliseconds that its main thread, on which
// the event loop is, has had of a processor so far. Unlike a clock's they are the same on a machine that is busy.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** `threadCpuUsage` is there from Node 23.9 on; nanoseconds are first in schedstat (Linux, sched-stats.rst). */
function spent() {
  if (process.threadCpuUsage) {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1e3;
  }
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

if (isMainThread) {
  createServer((socket) => {
    socket.on('data', () => socket.write(`${spent()}\n`));
    socket.on('error', () => socket.destroy());
  })
    .listen(process.env.LOOP_TIME)
    .unref();
}
