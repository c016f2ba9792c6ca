import { setTimeout as delay } from 'node:timers/promises';
import { Hammer } from './hammer.js';
import type { Node, Nodes } from './nodes.js';
import { run } from './process.js';
import { message, type Reply, Wire } from './wire.js';

/** What is promised, in milliseconds after the answer of the call that revokes. */
const PROMISED_MS = 1000;
/** For how long after the last answer, and after the end of a fault, everything is asked on. */
const WATCHED_MS = 1500;
const WATCHED_HEALED_MS = 700;
/** When a call that revokes is made again, on the next node. */
const IMPATIENT_MS = 800;
const GIVE_UP_MS = 60_000;
const PACE_MS = 10;
/** Each is a query, and a node has ten connections. */
const SESSION_PACE_MS = 40;
const PASSWORD = 'a password to test with';

/** Random numbers that a seed repeats (mulberry32). */
export class Random {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)]!;
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, at: this.next() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }
}

/** A way to lose power, and somebody who is about to. */
interface Victim {
  readonly kind: string;
  /** The request that the power is needed for. */
  readonly request: string;
  readonly paceMs: number;
  /** For how long after the call the power is still given, in milliseconds. */
  readonly lastsMs: number;
  /** The call that takes it, made when it is sent. */
  readonly revocation: () => string;
}

/** Made anew where an answer stays out: a database that has just had a fault may still be slow. */
async function newVictims(nodes: Nodes, round: number, kinds: readonly string[]): Promise<Victim[]> {
  for (let tries = 1; ; tries++) {
    try {
      return await Promise.all(kinds.map((kind) => makeVictim(nodes, round, kind)));
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

/** The key of a victim, and what it is about to lose. */
interface Secret {
  readonly name: string;
  readonly apiKey: string;
  readonly secretId: string;
}

/** A way to lose power. */
interface Way {
  readonly roles?: readonly string[];
  /** What the secret may. */
  readonly secret?: object;
  readonly isSession?: true;
  /** The secret is replaced, and good for an hour more. */
  readonly retires?: true;
  /** The request by which the power shows; `GET /v1/me` where nothing is said. */
  readonly request?: readonly [string, string, unknown];
  /** The call that takes it. */
  readonly revocation: (secret: Secret) => readonly [string, string, unknown?];
}

// By a body that is no role: what has passed the guards is answered without the database (422), so that a node which is
// cut off from it can't hide behind a 503.
const NO_ROLE = ['POST', '/v1/roles', {}] as const;
const ROLES = ['System Manager'];
const patch = ({ apiKey, secretId }: Secret, json: object) =>
  ['PATCH', `/v1/api-keys/${apiKey}/secrets/${secretId}`, json] as const;
/** From when on a secret is over whose end is shortened: soon, and long before a second is over. */
const SOON_MS = 50;

const WAYS: Record<string, Way> = {
  'secret revoked': { revocation: ({ apiKey }) => ['DELETE', `/v1/api-keys/${apiKey}/secrets`] },
  'user disabled': { revocation: ({ name }) => ['PATCH', `/v1/users/${name}`, { enabled: false }] },
  'role taken': {
    roles: ROLES,
    request: NO_ROLE,
    revocation: ({ name }) => ['PATCH', `/v1/users/${name}`, { roles: [] }],
  },
  'user deleted': { revocation: ({ name }) => ['DELETE', `/v1/users/${name}`] },
  'session ended': { isSession: true, revocation: ({ name }) => ['DELETE', `/v1/users/${name}/sessions`] },
  'scope taken': {
    roles: ROLES,
    secret: { scopes: ['roles:write'] },
    request: NO_ROLE,
    revocation: (secret) => patch(secret, { scopes: ['roles:read'] }),
  },
  'network taken': {
    secret: { allowedNetworks: ['127.0.0.0/8'] },
    revocation: (secret) => patch(secret, { allowedNetworks: ['192.0.2.0/24'] }),
  },
  'end shortened': {
    revocation: (secret) => patch(secret, { expiresAt: new Date(Date.now() + SOON_MS).toISOString() }),
  },
  'overlap ended': {
    retires: true,
    revocation: ({ apiKey, secretId }) => ['DELETE', `/v1/api-keys/${apiKey}/secrets/${secretId}`],
  },
};
/** Of whom a round has one each: more would be more than two processors can ask. */
const VICTIMS = 5;

async function makeVictim(nodes: Nodes, round: number, kind: string): Promise<Victim> {
  const {
    roles = [],
    secret = {},
    isSession,
    retires,
    request = ['GET', '/v1/me', undefined],
    revocation,
  } = WAYS[kind]!;
  const name = `${kind.replaceAll(' ', '.')}.${round}.${crypto.randomUUID()}@example.com`;
  const password = isSession && { password: PASSWORD };
  await nodes.ask('POST', '/v1/users', { email: name, fullName: 'Vic Tim', roles, ...password });
  const headers: Record<string, string> = {};
  let key = { apiKey: '', secretId: '' };
  if (isSession) {
    const logIn = await nodes.ask('POST', '/v1/session', { user: name, password: PASSWORD }, {});
    headers.cookie = /\r\nset-cookie: (sid=[^;]+)/i.exec(logIn.head)![1]!;
  } else {
    const made = JSON.parse((await nodes.ask('POST', '/v1/api-keys', { user: name, ...secret })).body);
    key = made;
    headers.authorization = `token ${made.apiKey}:${made.apiSecret}`;
    if (retires) await nodes.ask('POST', `/v1/api-keys/${made.apiKey}/secrets`, { overlapSeconds: 3600 });
  }
  const [method, path, json] = request;
  return {
    kind,
    request: json === undefined ? message(method, path, headers) : message(method, path, headers, json as object),
    paceMs: isSession ? SESSION_PACE_MS : PACE_MS,
    lastsMs: kind === 'end shortened' ? SOON_MS : 0,
    revocation: () => nodes.message(...revocation({ ...key, name })),
  };
}

/** What a fault may know and do. Times are milliseconds after the calls that revoke are sent; negative is before. */
export interface Situation {
  readonly nodes: Nodes;
  readonly random: Random;
  /** Whom the calls that revoke are sent to. */
  readonly revoker: Node;
  /** Any node. */
  readonly target: Node;
  /** Waits until then. */
  until(ms: number): Promise<void>;
  /** Waits for the first answer of a call that revokes. */
  readonly answered: Promise<unknown>;
}

/** Resolves when all is well again. */
export type Fault = (situation: Situation) => Promise<void>;

/** Something that must not be. */
export interface Violation {
  readonly fault: string;
  readonly kind: string;
  readonly text: string;
}

interface Answer {
  readonly node: Node;
  readonly at: number;
}

/** Rounds in which five users lose their power at once while a fault comes and goes, and what was seen in them. */
export class Attack {
  readonly violations: Violation[] = [];
  /** By fault: when the last request was sent that was accepted, in milliseconds after the answer. One for each user. */
  private readonly last = new Map<string, number[]>();
  private readonly statuses = new Map<number | string, number>();
  private rounds = 0;
  /** Of the next victims: each kind in its turn, in an order that is drawn. */
  private readonly kinds: string[] = [];

  constructor(
    private readonly nodes: Nodes,
    private readonly random: Random,
  ) {}

  /** @param elsewhere the fault does not hit the node that revokes. */
  async round(name: string, fault: Fault, { elsewhere = false } = {}): Promise<void> {
    const { nodes, random } = this;
    this.rounds++;
    while (this.kinds.length < VICTIMS) this.kinds.push(...random.shuffled(Object.keys(WAYS)));
    const kinds = this.kinds.splice(0, VICTIMS);
    const victims = await newVictims(nodes, this.rounds, kinds);
    const hammers = victims.map((victim) => ({
      victim,
      at: nodes.all.map((node) => ({ node, hammer: new Hammer(node.url, () => victim.request, victim.paceMs) })),
    }));
    const each = hammers.flatMap(({ victim, at }) => at.map((one) => ({ victim, ...one })));
    const running = each.map(({ hammer }) => hammer.run());
    const wires: Wire[] = [];
    const all = (isSo: (hammer: Hammer) => boolean) => {
      nodes.requireAll();
      return each.every(({ hammer }) => isSo(hammer));
    };
    try {
      await eventually(() => all(({ accepted }) => accepted.length > 0), 'everybody is let in everywhere');
      const revoker = random.pick(nodes.all);
      const target = random.pick(elsewhere ? nodes.all.filter((node) => node !== revoker) : nodes.all);
      const start = performance.now() + 700;
      const until = (ms: number) => delay(Math.max(0, start + ms - performance.now()));
      const calls = (async () => {
        await until(0);
        return Promise.all(victims.map(({ revocation }) => revoke(nodes, revoker, revocation, wires)));
      })();
      const first = calls.then((answers) => Promise.race(answers.map((answer) => answer.first)));
      const healed = fault({ nodes, random, revoker, target, until, answered: first });
      const answers = await calls;
      await Promise.all([healed, ...answers.map((answer) => answer.first)]);
      const end = Math.max(...answers.flatMap((answer) => answer.all.map(({ at }) => at)), start) + WATCHED_MS;
      await healed;
      await delay(Math.max(WATCHED_HEALED_MS, end - performance.now()));
      // All is well: everybody has to be told that it is over.
      await eventually(
        () => all(({ lastStatus }) => [401, 403].includes(lastStatus)),
        () =>
          `everybody is refused everywhere after "${name}" at node ${target.number}: ${each.map(({ node, hammer }) => `${node.number}: ${hammer.lastStatus} ${JSON.stringify([...hammer.answers])}`).join('; ')}`,
      );
      await Promise.all(each.map(({ hammer }) => hammer.stop()));
      for (const [i, { victim, at }] of hammers.entries()) {
        // A deletion whose answer is lost is never answered well: one who is gone can't be deleted.
        if (answers[i]!.all.length > 0) this.judge(name, victim, answers[i]!.all, at);
      }
    } finally {
      await Promise.all(each.map(({ hammer }) => hammer.stop()));
      for (const wire of wires) wire.close();
      await Promise.all(running);
    }
  }

  private judge(
    fault: string,
    { kind, lastsMs }: Victim,
    answers: Answer[],
    at: { node: Node; hammer: Hammer }[],
  ): void {
    // An answer is taken to be sent when it was here, which is off by its way alone: on loopback far below a millisecond.
    const answered = Math.min(...answers.map(({ at: moment }) => moment));
    for (const { node, hammer } of at) {
      const own = answers.find((answer) => answer.node === node);
      const wrong = hammer.accepted.filter((sent) => sent > answered + PROMISED_MS || (own && sent > own.at + lastsMs));
      if (wrong.length > 0) {
        const after = wrong.map((sent) => Math.round(sent - answered));
        const whose = own ? `, which answered ${Math.round(own.at - answered)} ms after the first` : '';
        const text = `round ${this.rounds}: node ${node.number}${whose}, accepted ${wrong.length}, sent ${Math.min(...after)} to ${Math.max(...after)} ms after the answer of node ${answers.find((answer) => answer.at === answered)!.node.number}`;
        this.violations.push({ fault, kind, text });
      }
      for (const [status, count] of hammer.answers) this.statuses.set(status, (this.statuses.get(status) ?? 0) + count);
    }
    const last = Math.max(...at.map(({ hammer }) => Math.max(...hammer.accepted) - answered));
    this.last.set(fault, [...(this.last.get(fault) ?? []), last]);
  }

  /** Status codes of all requests, and errors. */
  get answers(): Record<string, number> {
    return Object.fromEntries(this.statuses);
  }

  /** In milliseconds; NaN when there was none. */
  median(fault: string): number {
    const sorted = (this.last.get(fault) ?? []).toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? NaN;
  }

  /** How long after the answer the last request was sent that was accepted, by fault: how often. */
  histogram(): string {
    const bounds = [0, 50, 100, 150, 200, 250, 500, 750, 900, PROMISED_MS, Infinity];
    const cells = (values: readonly (number | string)[]) => values.map((value) => String(value).padStart(6)).join('');
    const head = cells([...bounds.map((ms) => (ms === Infinity ? 'more' : `<=${ms}`)), 'median', 'max']);
    const rows = [...this.last].map(([fault, values]) => {
      const counts = bounds.map(
        (bound, i) => values.filter((ms) => ms <= bound && ms > (bounds[i - 1] ?? -Infinity)).length,
      );
      return `${fault.padEnd(20)}${cells([...counts, Math.round(this.median(fault)), Math.round(Math.max(...values))])}`;
    });
    return [`${'ms after the answer'.padEnd(20)}${head}`, ...rows, JSON.stringify(this.answers)].join('\n');
  }
}

/**
 * Makes a call that revokes, on that node and then, while there is no good answer, on one after another. Answers that come
 * later still count.
 */
function revoke(
  nodes: Nodes,
  revoker: Node,
  text: () => string,
  wires: Wire[],
): { all: Answer[]; first: Promise<void> } {
  const all: Answer[] = [];
  const over = { isSo: false };
  let end: () => void;
  const first = new Promise<void>((resolve) => (end = resolve));
  const call = async (node: Node) => {
    const wire = await Wire.open(node.url);
    wires.push(wire);
    const { status, answered }: Reply = await wire.send(text());
    if (status < 300) all.push({ node, at: answered });
    // What is gone, or over, was taken by a call before whose answer was lost.
    if (status >= 300 && status !== 404 && status !== 409) return;
    over.isSo = true;
    end();
  };
  const from = nodes.all.indexOf(revoker);
  const calls = async () => {
    const giveUp = performance.now() + GIVE_UP_MS;
    for (let i = from; !over.isSo && performance.now() < giveUp; i++) {
      const failed = call(nodes.all[i % nodes.all.length]!).catch(() => undefined);
      await Promise.race([failed, first, delay(IMPATIENT_MS)]);
      if (!over.isSo) await delay(20);
    }
    if (!over.isSo) throw new Error('No node answers a call that revokes.');
  };
  return { all, first: calls() };
}

/** @throws when it is not so for a minute. */
export async function eventually(isSo: () => boolean, what: string | (() => string)): Promise<void> {
  const giveUp = performance.now() + GIVE_UP_MS;
  while (!isSo()) {
    if (performance.now() > giveUp) throw new Error(`Never true: ${typeof what === 'string' ? what : what()}`);
    await delay(20);
  }
}

/** The faults of one database behind proxies, and of the processes themselves. */
export const FAULTS: Record<string, Fault> = {
  none: async () => undefined,
  latency: proxied((proxy, random) => proxy.slowDown(random.pick([100, 300]))),
  'black hole': proxied((proxy) => proxy.blackHole()),
  'questions lost': proxied((proxy) => proxy.blackHole('up')),
  'answers lost': proxied((proxy) => proxy.blackHole('down')),
  refused: proxied((proxy) => proxy.refuse()),
  frozen: async ({ target, random, until }) => {
    const from = random.between(-300, 900);
    await until(from);
    target.running.child.kill('SIGSTOP');
    await until(from + random.between(300, 3000));
    target.running.child.kill('SIGCONT');
  },
  'killed after answer': async ({ nodes, revoker, answered }) => {
    await answered;
    await revoker.running.end('SIGKILL');
    await nodes.restart(revoker);
  },
};

/** Those that need a proxy. */
export const PROXIED = ['latency', 'black hole', 'questions lost', 'answers lost', 'refused'];

/**
 * Faults of a cluster's members, by shell commands that are told the member's number in MEMBER: TEST_ATTACK_PARTITION and
 * TEST_ATTACK_FREEZE begin one, TEST_ATTACK_HEAL ends either, and returns when the member is whole again.
 */
export function memberFaults(env: NodeJS.ProcessEnv): Record<string, Fault> {
  const during =
    (command: string): Fault =>
    async ({ target, random, until }) => {
      const from = random.between(-600, 300);
      await until(from);
      const shell = async (text: string) => {
        const { code, stderr } = await run('sh', ['-c', text], { MEMBER: String(target.number) });
        if (code !== 0) throw new Error(`${text}: ${stderr}`);
      };
      await shell(command);
      // Too short for the others to notice, or long enough to be thrown out.
      await until(from + random.pick([2000, 12_000]));
      await shell(env.TEST_ATTACK_HEAL!);
    };
  return {
    ...(env.TEST_ATTACK_PARTITION && { 'member cut off': during(env.TEST_ATTACK_PARTITION) }),
    ...(env.TEST_ATTACK_FREEZE && { 'member frozen': during(env.TEST_ATTACK_FREEZE) }),
  };
}

function proxied(begin: (proxy: NonNullable<Node['proxy']>, random: Random) => unknown): Fault {
  return async ({ target: { proxy }, random, until }) => {
    const from = random.between(-600, 200);
    await until(from);
    await begin(proxy!, random);
    await until(from + random.between(1300, 2200));
    await proxy!.heal(random.pick(['delivered', 'lost']));
  };
}
