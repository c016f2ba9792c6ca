import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type Fault, type Random } from './attack.js';
import { Hammer } from './hammer.js';
import { type Node, type Nodes, once } from './nodes.js';
import { message, type Reply } from './wire.js';

const PACE_MS = 10;
const TIMEOUT_MS = 10_000;

/** A key whose secret is replaced again and again, while all nodes are asked with the one before. */
export class NewSecrets {
  /** Statuses of the first requests with a new secret, and how often. */
  readonly statuses: Record<number, number> = {};

  private constructor(
    private readonly nodes: Nodes,
    private readonly random: Random,
    private readonly apiKey: string,
    private secret: string,
  ) {}

  static async of(nodes: Nodes, random: Random): Promise<NewSecrets> {
    const email = `replaced.${crypto.randomUUID()}@example.com`;
    await nodes.ask('POST', '/v1/users', { email, fullName: 'Re Placed' });
    const { apiKey, apiSecret } = JSON.parse((await nodes.ask('POST', '/v1/api-keys', { user: email })).body);
    return new NewSecrets(nodes, random, apiKey, apiSecret);
  }

  /** So many of them, one after the other is known everywhere. */
  async replace(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.hammered(async (hammers) => {
        await eventually(() => hammers.every(({ lastStatus }) => lastStatus === 200), 'the secret is known everywhere');
        if (!(await this.once(this.nodes.all))) throw new Error('No node makes a new secret.');
      });
    }
  }

  /** While there is that fault at one node. */
  async replaceDuring(fault: Fault): Promise<void> {
    const { nodes, random } = this;
    const target = random.pick(nodes.all);
    const others = nodes.all.filter((node) => node !== target);
    const start = performance.now() + 700;
    const until = (ms: number) => delay(Math.max(0, start + ms - performance.now()));
    const ongoing = { fault: true };
    const healed = fault({ nodes, random, revoker: target, target, until, answered: until(0) });
    void healed.then(() => (ongoing.fault = false));
    await this.hammered(async () => {
      while (ongoing.fault) if (!(await this.once(others))) await delay(100);
    });
    await healed;
  }

  /** Makes a new secret on one of these nodes, and uses it at once on all. @returns false when none of them made one. */
  private async once(makers: readonly Node[]): Promise<boolean> {
    const replace = this.nodes.message('POST', `/v1/api-keys/${this.apiKey}/secrets`);
    let made: Reply | undefined;
    // A secondary of Group Replication makes none.
    for (const { url } of this.random.shuffled(makers)) {
      made = await once(url, replace, TIMEOUT_MS).catch(() => undefined);
      if (made?.status === 201) break;
    }
    if (made?.status !== 201) return false;
    this.secret = JSON.parse(made.body).apiSecret;
    const replies = await Promise.all(this.nodes.all.map(({ url }) => once(url, this.request, TIMEOUT_MS)));
    for (const { status } of replies) this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    return true;
  }

  private get request(): string {
    return message('GET', '/v1/me', { authorization: `token ${this.apiKey}:${this.secret}` });
  }

  private async hammered(work: (hammers: Hammer[]) => Promise<void>): Promise<void> {
    const { request } = this;
    const hammers = this.nodes.all.map(({ url }) => new Hammer(url, () => request, PACE_MS));
    const running = hammers.map((hammer) => hammer.run());
    try {
      await work(hammers);
    } finally {
      await Promise.all(hammers.map((hammer) => hammer.stop()));
      await Promise.all(running);
    }
  }
}
