import { setTimeout as delay } from 'node:timers/promises';
import { Wire } from './wire.js';

/** Sends one request after another to one node, without waiting for answers. */
export class Hammer {
  /** When those requests were sent that were accepted. */
  readonly accepted: number[] = [];
  /** Status or error, and how often. */
  readonly answers = new Map<number | string, number>();
  /** The last status that was no 5xx, by the time of sending. */
  private last = { sent: 0, status: 0 };
  private readonly idle: Wire[] = [];
  private readonly open = new Set<Wire>();
  private inFlight = 0;
  private stopped = false;

  constructor(
    private readonly url: string,
    private readonly next: () => string,
    private readonly paceMs: number,
  ) {}

  /** Until `stop`. */
  async run(): Promise<void> {
    while (!this.stopped) {
      void this.fire();
      // Slower while answers stay out, so that a frozen node is not sent thousands, but never silent: what is sent in the
      // last moment of a freeze is what is worth asking.
      await delay(this.paceMs * (1 + this.inFlight / 10));
    }
  }

  /** The answer to the newest request that has one, save those that say nothing of the caller. */
  get lastStatus(): number {
    return this.last.status;
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (let i = 0; i < 300 && this.inFlight > 0; i++) await delay(10);
    for (const wire of this.open) wire.close();
  }

  private async fire(): Promise<void> {
    this.inFlight++;
    try {
      const wire = await this.take();
      const { status, sent } = await wire.send(this.next());
      this.idle.push(wire);
      this.count(status);
      if (isAccepted(status)) this.accepted.push(sent);
      if (status < 500 && sent > this.last.sent) this.last = { sent, status };
    } catch (error) {
      this.count((error as NodeJS.ErrnoException).code ?? (error as Error).message);
    } finally {
      this.inFlight--;
    }
  }

  private async take(): Promise<Wire> {
    for (;;) {
      const wire = this.idle.pop();
      if (wire?.isOpen) return wire;
      if (wire === undefined) break;
      this.open.delete(wire);
    }
    const wire = await Wire.open(this.url);
    this.open.add(wire);
    return wire;
  }

  private count(answer: number | string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }
}

/** 422 is what a request gets that the guards let pass and that says nothing sensible. */
function isAccepted(status: number): boolean {
  return status === 200 || status === 422;
}
