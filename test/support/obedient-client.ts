import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './attack.js';
import { Wire } from './wire.js';

/** What the RateLimit header says of one policy, and what was sent since. */
interface Told {
  /** Requests that may still be sent. */
  left: number;
  /** Of `performance.now`. */
  readonly until: number;
}

/**
 * A client that obeys RateLimit (draft-ietf-httpapi-ratelimit-headers-11): it sends no more than `r` within `t` seconds, and
 * takes what it has under way for counted after the answer. It knows nothing of nodes: each request goes to any.
 */
export class ObedientClient {
  readonly statuses: Record<number, number> = {};
  private readonly told = new Map<string, Told>();
  private underWay = 0;
  /** How many there are; of a window that is new, nothing is known. */
  private policies = 1;

  constructor(
    private readonly urls: readonly string[],
    private readonly text: string,
    private readonly random: Random,
  ) {}

  async run(atOnce: number, ms: number): Promise<void> {
    const end = performance.now() + ms;
    await Promise.all(Array.from({ length: atOnce }, () => this.work(end)));
  }

  private async work(end: number): Promise<void> {
    const wires = new Map<string, Wire>();
    while (performance.now() < end) {
      if (!this.may()) {
        await delay(5);
        continue;
      }
      this.underWay++;
      for (const told of this.told.values()) told.left--;
      const url = this.random.pick(this.urls);
      try {
        const wire = wires.get(url) ?? (await Wire.open(url));
        wires.set(url, wire);
        const { status, head } = await wire.send(this.text);
        this.statuses[status] = (this.statuses[status] ?? 0) + 1;
        this.underWay--;
        this.hear(head);
      } catch (error) {
        this.statuses[0] = (this.statuses[0] ?? 0) + 1;
        this.underWay--;
        throw error;
      }
    }
    for (const wire of wires.values()) wire.close();
  }

  /** Who has been told nothing, or of a window that is over, asks one request alone. */
  private may(): boolean {
    const now = performance.now();
    for (const [policy, { until }] of this.told) if (now >= until) this.told.delete(policy);
    return this.canAll() && (this.told.size === this.policies || this.underWay === 0);
  }

  private canAll(): boolean {
    return [...this.told.values()].every(({ left }) => left > 0);
  }

  private hear(head: string): void {
    const header = /\r\nratelimit: ([^\r]+)/i.exec(head)?.[1];
    if (header === undefined) return; // a refusal for another reason, which its status tells
    const items = header.split(', ');
    this.policies = items.length;
    for (const item of items) {
      const [, policy, r, t] = /^"(\d+)";r=(\d+);t=(\d+)$/.exec(item)!;
      const left = Number(r) - this.underWay;
      const known = this.told.get(policy!);
      if (!known) this.told.set(policy!, { left, until: performance.now() + 1000 * Number(t) });
      else known.left = Math.min(known.left, left);
    }
  }
}
