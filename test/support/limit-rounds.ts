import { setTimeout as delay } from 'node:timers/promises';
import { type Asked, Asking } from './asking.js';
import type { Random } from './attack.js';
import type { Node, Nodes } from './nodes.js';
import { message } from './wire.js';

export interface Limit {
  readonly requests: number;
  readonly seconds: number;
}

/** Resolves when the node is whole again. */
export type LimitFault = (node: Node, nodes: Nodes, random: Random) => Promise<void>;

const during =
  (begin: (node: Node, random: Random) => unknown, end: (node: Node, random: Random) => unknown): LimitFault =>
  async (node, _, random) => {
    await begin(node, random);
    await delay(random.between(500, 3500));
    await end(node, random);
  };
const cut = (begin: (proxy: NonNullable<Node['proxy']>, random: Random) => unknown): LimitFault =>
  during(
    ({ proxy }, random) => begin(proxy!, random),
    ({ proxy }, random) => proxy!.heal(random.pick(['delivered', 'lost'])),
  );

export const LIMIT_FAULTS: Record<string, LimitFault> = {
  none: () => delay(2000),
  frozen: during(
    ({ running }) => running.child.kill('SIGSTOP'),
    ({ running }) => running.child.kill('SIGCONT'),
  ),
  killed: async (node, nodes) => {
    await node.running.end('SIGKILL');
    await nodes.restart(node);
  },
  restarted: async (node, nodes) => {
    await node.running.end('SIGTERM');
    await nodes.restart(node);
  },
  slow: cut((proxy, random) => proxy.slowDown(random.pick([30, 100, 300, 700]))),
  'black hole': cut((proxy) => proxy.blackHole()),
  'questions lost': cut((proxy) => proxy.blackHole('up')),
  'answers lost': cut((proxy) => proxy.blackHole('down')),
  refused: cut((proxy) => proxy.refuse()),
};
/** Those that a process over SQLite can have. */
export const OF_PROCESSES = ['none', 'frozen', 'killed', 'restarted'];

/** One to four limits, of one a second to 10,000 a minute; half of them short, so that a round sees many windows. */
export function drawLimits(random: Random, most = 4): Limit[] {
  const lengths = random.pick([[1, 2, 3, 5], [1, 2, 10, 60], [5, 10, 30, 60], [1]]);
  const limits: Limit[] = [];
  for (const seconds of lengths.slice(0, Math.floor(random.between(1, most + 1)))) {
    const least = (limits.at(-1)?.requests ?? 0) + 1;
    const requests = Math.floor(least * Math.exp(random.next() * Math.log(10_000 / least)));
    if (requests < 10_000) limits.push({ requests: Math.min(requests, Math.max(least, 160 * seconds)), seconds });
  }
  return limits;
}

/**
 * What can't be, whichever window each request was counted in that may have been counted in two.
 * @returns sentences; none when all is well.
 */
export function beyond(accepted: readonly Asked[], { requests, seconds }: Limit): string[] {
  const ms = 1000 * seconds;
  const spans = accepted.map(({ sent, answered }) => [Math.floor(sent / ms), Math.floor(answered / ms)] as const);
  const windows = [...new Set(spans.flat())].toSorted((a, b) => a - b);
  const found: string[] = [];
  // Intervals fit into windows if and only if those within each row of windows are no more than these allow (Hall).
  for (const first of windows) {
    for (const last of windows.filter((window) => window >= first)) {
      const within = spans.filter(([from, to]) => from >= first && to <= last).length;
      const allowed = requests * (last - first + 1);
      if (within <= allowed) continue;
      found.push(`${within} of ${allowed} in ${last - first + 1} windows of ${seconds} s from ${first * ms}`);
    }
  }
  return found;
}

/** The requests that were answered so and may have been counted in that window. */
const inWindow = (asked: readonly Asked[], start: number, end: number) =>
  asked.filter(({ sent, answered }) => sent < end && answered >= start);

export class LimitRounds {
  readonly wrong: string[] = [];
  private rounds = 0;
  private accepted = 0;
  private limited = 0;
  private readonly free: string[] = [];

  private constructor(
    private readonly nodes: Nodes,
    private readonly random: Random,
  ) {}

  static async of(nodes: Nodes, random: Random): Promise<LimitRounds> {
    const rounds = new LimitRounds(nodes, random);
    rounds.free.push(await rounds.secret(null));
    return rounds;
  }

  get seen(): string {
    return `${this.rounds} rounds, ${this.accepted} accepted, ${this.limited} limited`;
  }

  /** The request of a new secret. */
  async secret(limits: readonly Limit[] | null): Promise<string> {
    const user = `limited.${crypto.randomUUID()}@example.com`;
    await this.nodes.ask('POST', '/v1/users', { email: user, fullName: 'Limi Ted' });
    const made = JSON.parse((await this.nodes.ask('POST', '/v1/api-keys', { user, limits })).body);
    return message('GET', '/v1/me', { authorization: `token ${made.apiKey}:${made.apiSecret}` });
  }

  /** @param isOne one node alone is asked, which has no fault: it reaches what is allowed. */
  async round(name: string, fault: LimitFault, limits: readonly Limit[], isOne = false): Promise<void> {
    const { nodes, random } = this;
    this.rounds++;
    const text = await this.secret(limits);
    const target = random.pick(nodes.all);
    const asked = isOne ? [target] : nodes.all;
    const limited = asked.map((node) => ({ node, asking: new Asking(node.url, text).start(random.pick([1, 3, 8])) }));
    const free = nodes.all.map((node) => ({ node, asking: new Asking(node.url, this.free[0]!).start(1, 10) }));
    const say = (what: string) => this.wrong.push(`round ${this.rounds} (${name}, ${JSON.stringify(limits)}): ${what}`);
    try {
      await delay(random.between(500, 1500));
      await fault(target, nodes, random);
      const healed = Date.now();
      await delay(random.between(300, 1500));
      for (const { node, asking } of limited) if (node !== target) await asking.stop();
      if (name !== 'none') await this.requireBack(target, limits, limited, healed, say);
    } finally {
      await Promise.all([...limited, ...free].map(({ asking }) => asking.stop()));
    }
    nodes.requireAll();
    const answers = limited.flatMap(({ asking }) => asking.answers);
    const accepted = answers.filter(({ status }) => status === 200);
    this.accepted += accepted.length;
    this.limited += answers.length - accepted.length;
    for (const limit of limits) for (const what of beyond(accepted, limit)) say(what);
    const odd = answers.filter(({ status }) => ![200, 429, 503].includes(status));
    if (odd.length > 0) say(`answers ${[...new Set(odd.map(({ status }) => status))].join(', ')}`);
    for (const { node, asking } of free) {
      // Who is not limited has nothing to do with all of this; a node that is cut off may be away.
      const may = node === target && name !== 'none' ? [200, 503] : [200];
      const refused = asking.answers.filter(({ status }) => !may.includes(status));
      if (refused.length > 0)
        say(`node ${node.number} refused who has no limits: ${refused[0]!.status}, ${refused.length} times`);
      if (asking.count(200) === 0) say(`node ${node.number} let nobody in who has no limits`);
    }
    if (isOne) this.requireReached(answers, limits, say);
  }

  /** Within a second of the next window, where others have not used up a longer one. */
  private async requireBack(
    target: Node,
    limits: readonly Limit[],
    limited: readonly { node: Node; asking: Asking }[],
    healed: number,
    say: (what: string) => void,
  ): Promise<void> {
    const longest = 1000 * limits.at(-1)!.seconds;
    if (longest > 3000) return;
    const { asking } = limited.find(({ node }) => node === target)!;
    const next = Math.ceil(Math.max(Date.now(), healed) / longest) * longest;
    await delay(next + 1000 - Date.now());
    await asking.stop();
    const isBack = asking.answers.some(
      ({ sent, answered, status }) => status === 200 && answered >= next && sent <= next + 1000,
    );
    const last = asking.answers.slice(-3).map(({ status, sent }) => `${status} at ${sent - next}`);
    if (!isBack) say(`node ${target.number} lets nobody in after the fault: ${last.join(', ')}`);
  }

  /** In each whole window that was asked for more than it allows. */
  private requireReached(answers: readonly Asked[], limits: readonly Limit[], say: (what: string) => void): void {
    const [{ requests, seconds }] = limits as [Limit];
    if (limits.length > 1) return;
    const ms = 1000 * seconds;
    const [first, last] = [answers[0]!.sent, answers.at(-1)!.answered];
    for (let start = Math.ceil(first / ms) * ms; start + ms <= last; start += ms) {
      const all = inWindow(answers, start, start + ms);
      const accepted = all.filter(({ status }) => status === 200).length;
      if (all.length > 1.3 * requests + 10 && accepted < 0.9 * requests)
        say(`only ${accepted} of ${requests} are let in`);
    }
  }
}
