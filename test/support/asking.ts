import { setTimeout as delay } from 'node:timers/promises';
import { Wire } from './wire.js';

/** A request and its answer; times are those of the machine's clock. */
export interface Asked {
  readonly sent: number;
  readonly answered: number;
  readonly status: number;
  readonly head: string;
}

/** What connections have asked that send one request after another, each when the one before is answered. */
export class Asking {
  readonly answers: Asked[] = [];
  /** Requests whose connection ended before an answer. */
  unanswered = 0;
  private stopped = false;
  private readonly wires = new Set<Wire>();
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly text: string,
  ) {}

  /** @param paceMs what each connection waits between an answer and its next request. */
  start(connections: number, paceMs = 0): this {
    this.running = Promise.all(Array.from({ length: connections }, () => this.ask(paceMs)));
    return this;
  }

  /** @param patienceMs for what is under way. */
  async stop(patienceMs = 3000): Promise<void> {
    this.stopped = true;
    const timer = setTimeout(() => {
      for (const wire of this.wires) wire.close();
    }, patienceMs);
    await this.running;
    clearTimeout(timer);
  }

  count(status: number): number {
    return this.answers.filter((answer) => answer.status === status).length;
  }

  private async ask(paceMs: number): Promise<void> {
    let wire: Wire | undefined;
    while (!this.stopped) {
      const sent = Date.now();
      let isUnderWay = false;
      try {
        if (!wire?.isOpen) {
          wire = await Wire.open(this.url);
          this.wires.add(wire);
        }
        isUnderWay = true;
        const { status, head } = await wire.send(this.text);
        this.answers.push({ sent, answered: Date.now(), status, head });
      } catch {
        if (isUnderWay) this.unanswered++;
        await delay(20); // the node is away
      }
      if (paceMs > 0) await delay(paceMs);
    }
    wire?.close();
  }
}
