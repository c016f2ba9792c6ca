import type { Answer, Client, Options } from './http.js';

/** There is one, but no answer has told which. */
const UNTOLD = Symbol('UNTOLD');

/** What is so of a user. */
interface State {
  readonly exists: boolean;
  readonly enabled: boolean;
  readonly roles: readonly string[];
  readonly apiKey?: string | typeof UNTOLD;
  /** The one that lives; undefined when none does. */
  readonly secret?: string | typeof UNTOLD;
}

/** A call that changes an account, or is to be refused and change nothing. */
interface Step {
  readonly call: readonly [method: string, path: string, options?: Options];
  readonly status: number;
  /** What is so once it is acknowledged; what the answer would have told is untold where it never came. */
  after(answer: Answer | undefined): State;
}

const NOBODY: State = { exists: false, enabled: false, roles: [] };
const ROLES = ['System Manager', 'Kill A', 'Kill B'];
const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;

/** The roles that accounts hold now and then. */
export async function makeRoles(call: Client, auth: string): Promise<void> {
  for (const name of ROLES.slice(1)) await call('POST', '/v1/roles', { auth, json: { name } });
}

/**
 * One user under a stream of changes, one after another, and what the acknowledged ones of them say must be so. When an
 * answer stays out, its change has happened or has not.
 */
export class Account {
  private state = NOBODY;
  /** What may be so instead, since a change was under way. */
  private perhaps: State | undefined;
  private readonly dead: string[] = [];
  private readonly refusedNames: string[] = [];
  private readonly keys = new Set<string>();
  private count = 0;
  acknowledged = 0;
  unanswered = 0;

  constructor(
    readonly name: string,
    private readonly auth: string,
  ) {}

  /**
   * Makes a random change.
   * @returns false when the answer stayed out, or says that the database is away.
   * @throws when the answer is any other than what it has to be.
   */
  async change(call: Client): Promise<boolean> {
    const step = pick(this.steps());
    const [method, path, options] = step.call;
    const answer = await call(method, path, { auth: this.auth, ...options }).catch(() => undefined);
    if (answer?.status !== step.status) {
      if (answer && answer.status !== 503) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      this.perhaps = step.after(undefined);
      this.unanswered++;
      return false;
    }
    this.settle(step.after(answer));
    this.acknowledged++;
    return true;
  }

  private steps(): Step[] {
    const { name, state } = this;
    const { exists, enabled, apiKey, secret } = state;
    const user = `/v1/users/${name}`;
    const same = () => state;
    const unknown = ['No Such Role', ...ROLES];
    const roles = ROLES.filter(() => Math.random() < 0.5);
    const refusedName = `refused.${this.count++}.${name}`;
    const refused: Step = {
      call: ['POST', '/v1/users', { json: { email: refusedName, fullName: 'R', roles: unknown } }],
      status: 422,
      after: () => (this.refusedNames.push(refusedName), state),
    };
    const create = { json: { email: name, fullName: 'K', roles } };
    if (!exists) {
      return [
        { call: ['POST', '/v1/users', create], status: 201, after: () => ({ exists: true, enabled: true, roles }) },
        refused,
      ];
    }
    const made = (answer: Answer | undefined): State => ({
      ...state,
      apiKey: answer ? answer.json.apiKey : (apiKey ?? UNTOLD),
      secret: answer ? answer.json.apiSecret : UNTOLD,
    });
    const secrets = `/v1/api-keys/${String(apiKey)}/secrets`;
    const stale = { headers: { 'if-match': '"stale"' } };
    const generate: Step = apiKey
      ? { call: ['POST', secrets], status: 201, after: made }
      : { call: ['POST', '/v1/api-keys', { json: { user: name } }], status: 201, after: made };
    return [
      generate,
      generate,
      generate,
      {
        call: ['PATCH', user, { json: { enabled: !enabled } }],
        status: 200,
        after: () => ({ ...state, enabled: !enabled }),
      },
      { call: ['PATCH', user, { json: { roles } }], status: 200, after: () => ({ ...state, roles }) },
      { call: ['DELETE', user], status: 204, after: () => NOBODY },
      refused,
      { call: ['POST', '/v1/users', create], status: 409, after: same },
      { call: ['PATCH', user, { json: { roles: unknown, enabled: !enabled } }], status: 422, after: same },
      { call: ['DELETE', user, stale], status: 412, after: same },
      ...(apiKey
        ? ([
            { call: ['DELETE', secrets], status: 204, after: () => ({ ...state, secret: undefined }) },
            { call: ['POST', secrets, stale], status: 412, after: same },
            { call: ['POST', '/v1/api-keys', { json: { user: name } }], status: 409, after: same },
          ] as const)
        : []),
      ...(secret ? ([{ call: ['DELETE', secrets, stale], status: 412, after: same }] as const) : []),
    ];
  }

  private settle(next: State): void {
    const { apiKey, secret } = this.state;
    if (typeof apiKey === 'string' && typeof secret === 'string' && secret !== next.secret) {
      this.dead.push(`${apiKey}:${secret}`);
    }
    if (typeof next.apiKey === 'string' && next.apiKey !== apiKey) {
      if (this.keys.has(next.apiKey)) throw new Error(`the key of a deleted user was given away again`);
      this.keys.add(next.apiKey);
    }
    this.state = next;
    this.perhaps = undefined;
  }

  /** Compares what is acknowledged with what is so. @returns what is wrong. */
  async check(call: Client): Promise<string[]> {
    const wrong: string[] = [];
    const found = await this.readState(call);
    const possible = [this.state, ...(this.perhaps ? [this.perhaps] : [])];
    const so = possible.find((state) => fits(state, found));
    if (so) this.settle({ ...so, ...found });
    else wrong.push(`${this.name} is ${JSON.stringify(found)}, not ${possible.map(shown).join(' or ')}`);
    for (const token of this.dead.slice(-25)) {
      const { status } = await call('GET', '/v1/me', { auth: `token ${token}` });
      if (status !== 401) wrong.push(`a dead secret of ${this.name} got ${status}`);
    }
    const { apiKey, secret, enabled, roles } = this.state;
    if (typeof apiKey === 'string' && typeof secret === 'string') {
      const { status, json } = await call('GET', '/v1/me', { auth: `token ${apiKey}:${secret}` });
      if (status !== (enabled ? 200 : 401)) wrong.push(`the secret of ${this.name}, enabled ${enabled}, got ${status}`);
      if (status === 200 && json.roles.join() !== roles.toSorted().join())
        wrong.push(`${this.name} acts as ${json.roles}`);
    }
    for (const name of this.refusedNames.splice(0)) {
      const { status } = await call('GET', `/v1/users/${name}`, { auth: this.auth });
      if (status !== 404) wrong.push(`the refused user ${name} got ${status}`);
    }
    return wrong;
  }

  private async readState(call: Client): Promise<Found> {
    const user = await call('GET', `/v1/users/${this.name}`, { auth: this.auth });
    if (user.status === 404) return { exists: false, enabled: false, roles: [], apiKey: undefined, hints: [] };
    const { enabled, roles } = user.json;
    const { data } = (await call('GET', `/v1/api-keys?user=${this.name}`, { auth: this.auth })).json;
    const [key] = data as [{ apiKey: string; secrets: { hint: string; revokedAt: string | null }[] }?];
    const live = (key?.secrets ?? []).filter(({ revokedAt }) => revokedAt === null);
    return { exists: true, enabled, roles, apiKey: key?.apiKey, hints: live.map(({ hint }) => hint) };
  }
}

interface Found {
  readonly exists: boolean;
  readonly enabled: boolean;
  readonly roles: readonly string[];
  readonly apiKey: string | undefined;
  /** Of the secrets that live. */
  readonly hints: readonly string[];
}

function fits({ exists, enabled, roles, apiKey, secret }: State, found: Found): boolean {
  const keyFits = apiKey === UNTOLD ? found.apiKey !== undefined : apiKey === found.apiKey;
  const hint = typeof secret === 'string' ? secret.slice(-4) : found.hints[0];
  const secretFits = secret === undefined ? found.hints.length === 0 : found.hints.join() === hint;
  const sameRoles = roles.toSorted().join() === found.roles.toSorted().join();
  return exists === found.exists && enabled === found.enabled && sameRoles && keyFits && secretFits;
}

function shown({ secret, apiKey, ...rest }: State): string {
  const hint = typeof secret === 'string' ? secret.slice(-4) : String(secret);
  return JSON.stringify({ ...rest, apiKey: String(apiKey), hint });
}
