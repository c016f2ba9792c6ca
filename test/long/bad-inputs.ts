import { type Change, changesOf, type Draft, NOISE } from './defects.js';
import { type Random, short, UNKNOWN_PATHS } from './bad-values.js';
import { type Caller, CALLERS, type Target, type World } from './targets.js';

/** Node's limit for all headers and the path is 16 KiB, of which the client adds some. */
const MAX_HEADERS = 16_000;

/** One request, and what has to come of it. */
export interface Input {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string | Buffer;
  /** `refused`: 4xx. `served`: 2xx, since what is odd about it is ignored. `either`: any of them. */
  readonly expected: 'refused' | 'served' | 'either';
  /** Node's parser may answer it, before any code of ours, and not in our form. */
  readonly byParser: boolean;
}

function build(target: Target, caller: Caller, world: World, changes: readonly Change[]): Input {
  const token = world.tokens[caller];
  const fields = target.fields && Object.entries(target.fields).filter(([, { optional }]) => !optional);
  const draft: Draft = {
    method: target.method,
    path: target.path,
    parameters: [...target.parameters],
    query: [],
    auth: token === undefined ? [] : [token],
    headers: [],
    fields: fields && Object.fromEntries(fields.map(([name, { good }]) => [name, good])),
  };
  for (const change of changes) change.apply(draft);
  const json = draft.fields && Object.entries(draft.fields).map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  const body = draft.body ?? (json && `{${json.join()}}`);
  const type = draft.type ?? (body === undefined ? undefined : 'application/json');
  const path = draft.parameters.reduce((rest, value) => rest.replace('{}', () => value), draft.path);
  const headers = [
    ...draft.auth.map((value): [string, string] => ['Authorization', value]),
    ...(type === undefined ? [] : [['Content-Type', type] as [string, string]]),
    ...draft.headers,
  ];
  const reasons = changes.map(({ refused }) => refused);
  const size = path.length + headers.flat().join().length + draft.query.join().length;
  return {
    what: `${caller}: ${target.route}: ${changes.map(({ what }) => what).join(' + ')}`,
    method: draft.method,
    path: draft.query.length === 0 ? path : `${path}?${draft.query.join('&')}`,
    headers,
    body,
    expected: expectationOf(target, caller, draft.method, reasons),
    byParser: draft.byParser === true || size > MAX_HEADERS || !isAscii(path),
  };
}

function expectationOf(
  target: Target,
  caller: Caller,
  method: string,
  reasons: readonly Change['refused'][],
): Input['expected'] {
  if (target.unknown) return 'either';
  if (method === 'OPTIONS') return 'served';
  if (reasons.includes(true) || !target.may.includes(caller)) return 'refused';
  return reasons.includes('maybe') || !target.safe ? 'either' : 'served';
}

/** Every defect of every target by itself, for every caller; the harmless ones where a good request changes nothing. */
export function* systematic(targets: readonly Target[], world: World): Generator<Input> {
  const nothing = targets.find(({ route }) => route === 'ALL /*')!;
  for (const path of UNKNOWN_PATHS) {
    const to: Change = { what: short(path), refused: false, apply: (draft) => void (draft.path = path) };
    for (const caller of CALLERS) yield build(nothing, caller, world, [to]);
  }
  for (const target of targets) {
    const changes = changesOf(target, targets, world);
    const authorization = changes.pop()!;
    for (const change of authorization) yield build(target, 'manager', world, [change]);
    for (const caller of CALLERS) {
      for (const change of changes.flat()) {
        if (change.refused === true || target.safe || target.may.length === 0)
          yield build(target, caller, world, [change]);
      }
      if (target.safe) for (const change of NOISE) yield build(target, caller, world, [change]);
    }
  }
}

/** Without end: several defects at once, one of them a reason to refuse. */
export function* random(targets: readonly Target[], world: World, source: Random): Generator<Input> {
  const all = targets.map((target) => ({
    target,
    changes: changesOf(target, targets, world).filter(({ length }) => length > 0),
  }));
  for (;;) {
    const { target, changes } = source.pick(all);
    const kinds = changes
      .map((kind) => kind.filter(({ refused }) => refused === true))
      .filter(({ length }) => length > 0);
    const reason = source.pick(source.pick(kinds));
    const more = Array.from({ length: source.below(4) }, () => source.pick(source.pick([...changes, NOISE])));
    // A method in place of the target's own is another call, of which the rest says nothing.
    const besides = more.filter(({ what }) => !what.startsWith('method '));
    // The reason comes last, and so wins over what says something else in its place.
    yield build(target, source.pick(CALLERS), world, [...besides, reason]);
  }
}

/** Node's parser takes nothing else in a path. */
function isAscii(path: string): boolean {
  return /^[\x21-\x7e]*$/.test(path);
}
