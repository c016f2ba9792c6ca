import cluster from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { RateLimiterClusterMaster } from 'rate-limiter-flexible';
import type { Config } from '../config.js';
import type { Change } from '../database/invalidations.js';
import { serveMetrics } from '../operations/metrics-server.js';
import { Peer } from './peer.js';
import { FIRST, type ToPrimary, type ToWorker } from './protocol.js';
import { SharedMetrics } from './shared-metrics.js';
import { passOnUnacknowledged } from './unacknowledged.js';

const PROGRAM = fileURLToPath(new URL('../worker.js', import.meta.url));
const END_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
/** And not SIGHUP, which is also what a terminal sends when it is closed. */
const ROLL_SIGNAL = 'SIGUSR2';
/** npm hands on a signal that the terminal has sent to all: so soon after, it is the same one. */
const SAME_SIGNAL_MS = 1000;
/** How long an end may take beyond the drain's delay: requests under way have 30 s. */
const END_MS = 35_000;
/** A worker that ends sooner counts as failed. After so many in a row, when none is left that serves, there is no hope. */
const SOUND_MS = 10_000;
const MAX_FAILURES = 5;
const MAX_PAUSE_MS = 10_000;
const METRICS_MS = 1000;
/** How often a worker is asked whether it is alive, and how often it may be silent for as long: then it is ended. */
const ALIVE_MS = 5000;
const MAX_SILENCES = 3;

/** A worker, as the primary sees it. */
interface Member {
  readonly id: number;
  readonly pid: number | undefined;
  readonly began: number;
  readonly peer: Peer<ToPrimary, ToWorker>;
  state: 'starting' | 'joined' | 'serving' | 'leaving';
  /** Tells whether it came to serve. */
  readonly started: Promise<boolean>;
  readonly ended: Promise<void>;
  isConnected(): boolean;
  kill(signal: NodeJS.Signals): void;
}

/**
 * The primary: keeps processes that serve one port. It accepts the connections, hands them out in turn (node:cluster's
 * default) and answers none itself. What is done once at the start, the first worker does before there are others.
 */
export class Workers {
  private readonly members = new Set<Member>();
  private readonly metrics = new SharedMetrics();
  /** Keeps the counts of all limits. */
  readonly counts = new RateLimiterClusterMaster();
  /** Workers that will be started after a pause. */
  private due = 0;
  private failures = 0;
  private hasBegun = false;
  private isUp = false;
  private isRolling = false;
  private stoppedAt: number | undefined;
  private exitCode = 0;

  constructor(
    private readonly count: number,
    private readonly config: Config,
    private readonly logger: Logger,
  ) {}

  /** Ends the process with code 1 when the first worker can't start; that has said why. */
  async start(): Promise<void> {
    for (const signal of END_SIGNALS) process.on(signal, () => this.stop(signal));
    process.on(ROLL_SIGNAL, () => void this.roll());
    if (this.config.metrics) {
      const failed = (error: unknown) => this.logger.error({ err: error }, 'metrics');
      const { url } = await serveMetrics(this.config.metrics, () => this.readMetrics(), failed);
      this.logger.info({ metrics: url });
    }
    this.fork(FIRST);
  }

  private fork(...args: string[]): Member {
    cluster.setupPrimary({ exec: PROGRAM, args });
    const worker = cluster.fork();
    let settle: (serves: boolean) => void;
    const started = new Promise<boolean>((resolve) => (settle = resolve));
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const peer = new Peer<ToPrimary, ToWorker>(worker, {
      join: () => void (member.state = 'joined'),
      serving: (url) => {
        member.state = 'serving';
        settle(true);
        this.onServing(member, url);
        void this.watch(member);
      },
      change: (change) => this.notifyOthers(member, change),
    });
    const member: Member = {
      id: worker.id,
      pid: worker.process.pid,
      began: performance.now(),
      peer,
      state: 'starting',
      started,
      ended,
      isConnected: () => worker.isConnected(),
      kill: (signal) => worker.process.kill(signal),
    };
    this.members.add(member);
    worker.on('error', (error) => {
      // Its channel's errors are of no interest, since its end is told. Only one that never was has none.
      if (worker.process.pid !== undefined) return;
      this.logger.error({ err: error }, 'worker not started');
      worker.emit('exit', null, null);
    });
    const hasOthers = () => this.serving().some(({ isConnected }) => isConnected());
    passOnUnacknowledged(worker, hasOthers, () => this.giveUp());
    worker.once('exit', (code, signal) => {
      settle(false);
      this.onEnd(member, code, signal);
    });
    return member;
  }

  private onServing({ pid }: Member, url: string): void {
    this.logger.info({ worker: pid }, 'worker serves');
    if (this.stoppedAt !== undefined) return; // said before it heard of its end
    if (!this.hasBegun) for (let i = 1; i < this.count; i++) this.fork();
    this.hasBegun = true;
    if (this.isUp || this.serving().length < this.count) return;
    this.isUp = true;
    this.logger.info({ workers: this.count, url }, 'listening');
  }

  private onEnd(member: Member, code: number | null, signal: string | null): void {
    const { id, pid, state, began } = member;
    this.members.delete(member);
    this.metrics.retire(id);
    if (this.stoppedAt !== undefined) {
      if (this.members.size === 0) process.exit(this.exitCode);
      return;
    }
    const expected = state === 'leaving';
    this.logger[expected ? 'info' : 'error']({ worker: pid, code, signal }, 'worker ended');
    if (!this.hasBegun) process.exit(1);
    const isSound = state === 'serving' && performance.now() - began > SOUND_MS;
    if (!expected) this.failures = isSound ? 0 : this.failures + 1;
    if (this.failures >= MAX_FAILURES && this.serving().length === 0) {
      this.logger.fatal('no worker can start; what they said is above');
      process.exit(1);
    }
    this.replace();
  }

  /** Ends a worker that hangs: connections still come to it, and each change of the others waits for it. */
  private async watch(member: Member): Promise<void> {
    const { pid, peer, ended, kill } = member;
    while (this.members.has(member)) {
      const answered = Promise.race([peer.ask('alive'), ended]).then(() => true);
      let isAlive = false;
      // Several short waits: a primary that was frozen itself sees its timer before the answer that is there.
      for (let silences = 0; !isAlive && silences < MAX_SILENCES; silences++)
        isAlive = await Promise.race([answered, delay(ALIVE_MS, false, { ref: false })]);
      if (!isAlive) {
        this.logger.error({ worker: pid }, 'worker hangs, and is ended');
        kill('SIGKILL');
        return;
      }
      await delay(ALIVE_MS, undefined, { ref: false });
    }
  }

  /** Starts another worker if one is missing, later and later while they fail. */
  private replace(): void {
    const staying = [...this.members].filter(({ state }) => state !== 'leaving').length;
    if (staying + this.due >= this.count) return;
    this.due++;
    const fork = () => {
      this.due--;
      if (this.stoppedAt === undefined) this.fork();
    };
    setTimeout(fork, this.failures === 0 ? 0 : Math.min(MAX_PAUSE_MS, 100 * 2 ** this.failures));
  }

  private serving(): Member[] {
    return [...this.members].filter(({ state }) => state === 'serving');
  }

  /** Resolves when all others know of the change, or have ended. Who has not joined yet reads nothing from before. */
  private notifyOthers(origin: Member, change: Change): Promise<unknown> {
    const others = [...this.members].filter((member) => member !== origin && member.state !== 'starting');
    return Promise.all(others.map(({ peer, ended }) => Promise.race([peer.ask('change', change), ended])));
  }

  /** Puts a new worker in the place of each, one after another. One that can't start ends that: the old ones go on. */
  private async roll(): Promise<void> {
    if (this.isRolling || !this.isUp) return;
    this.isRolling = true;
    this.logger.info('roll: new workers for old');
    for (const old of this.serving()) {
      if (old.state !== 'serving' || !this.members.has(old)) continue; // has been replaced already
      const isReplaced = await this.fork().started;
      if (this.stoppedAt !== undefined) return;
      if (!isReplaced) {
        this.logger.error('roll: a new worker can not start; the old ones go on');
        break;
      }
      old.state = 'leaving';
      void old.peer.ask('leave');
      const tooLong = setTimeout(() => old.kill('SIGKILL'), END_MS);
      await old.ended;
      clearTimeout(tooLong);
    }
    this.isRolling = false;
  }

  private stop(signal: NodeJS.Signals): void {
    const now = performance.now();
    if (this.stoppedAt !== undefined) {
      if (now - this.stoppedAt > SAME_SIGNAL_MS) this.killAll();
      return;
    }
    this.stoppedAt = now;
    if (this.members.size === 0) process.exit(0);
    for (const member of this.members) member.kill(signal);
    setTimeout(() => this.killAll(), this.config.drainDelayMs + END_MS);
  }

  /** Rather none than workers that leave clients waiting for ever when one is killed. */
  private giveUp(): void {
    if (this.stoppedAt !== undefined) return;
    this.logger.fatal(`Node ${process.version} hands out connections in a way that is not known here; use WORKERS=1`);
    this.stoppedAt = performance.now();
    this.killAll();
  }

  private killAll(): void {
    this.exitCode = 1;
    for (const member of this.members) member.kill('SIGKILL');
  }

  /** One that does not answer in time, as one that is starting, stands with what it said last. */
  private async readMetrics(): Promise<string> {
    const read = async (member: Member) => {
      if (member.state === 'starting') return;
      const late = delay(METRICS_MS, undefined, { ref: false });
      const metrics = await Promise.race([member.peer.ask('metrics'), late]);
      if (metrics && this.members.has(member)) this.metrics.set(member.id, metrics);
    };
    await Promise.all([...this.members].map(read));
    return this.metrics.text();
  }
}
