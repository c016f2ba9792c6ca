import {
  BAD_CONTENT_TYPES,
  BAD_DOCUMENTS,
  BAD_FORMS,
  BAD_TIMES,
  isWellFormed,
  ODD_HEADERS,
  ODD_METHODS,
  RAW_SEGMENTS,
  short,
  TEXTS,
  UNKNOWN_FIELDS,
} from './bad-values.js';
import type { Target, World } from './targets.js';

/** A request in the making. */
export interface Draft {
  method: string;
  path: string;
  parameters: string[];
  query: string[];
  auth: readonly string[];
  headers: [string, string][];
  fields?: Record<string, string>;
  body?: string | Buffer;
  type?: string;
  byParser?: boolean;
}

/** Something wrong, or at least odd. */
export interface Change {
  readonly what: string;
  /** Whether it is a reason to refuse: yes, no (it is ignored), or it depends. */
  readonly refused: boolean | 'maybe';
  apply(draft: Draft): void;
}

const b64 = (value: string | Buffer) => Buffer.from(value as string).toString('base64');
const b64url = (value: string) => Buffer.from(value).toString('base64url');

function inPath({ parameters, route }: Target): Change[] {
  const encoded = TEXTS.filter((text) => text !== '' && isWellFormed(text)).map(encodeURIComponent);
  return parameters.flatMap((_, i) =>
    [...encoded.filter(({ length }) => length < 8000), ...RAW_SEGMENTS].map((value) => ({
      what: `${i + 1}. parameter ${short(value)}`,
      refused: route === 'ALL /*' ? ('maybe' as const) : true,
      apply: (draft: Draft) => void (draft.parameters[i] = value),
    })),
  );
}

function inFields({ fields = {}, path }: Target): Change[] {
  const set = (name: string, value: string): Change => ({
    what: `${short(name)} is ${short(value)}`,
    refused: true,
    apply: (draft) => void (draft.fields = { ...draft.fields, [name]: value }),
  });
  const without = (name: string): Change => ({
    what: `no ${name}`,
    refused: true,
    apply(draft) {
      const { [name]: _, ...rest } = draft.fields ?? {};
      draft.fields = rest;
    },
  });
  const strict = !path.startsWith('/api/');
  return [
    ...Object.entries(fields).flatMap(([name, { bad }]) => bad.map((value) => set(name, value))),
    ...Object.entries(fields).flatMap(([name, { optional }]) => (optional ? [] : [without(name)])),
    ...(!strict || Object.keys(fields).length === 0
      ? []
      : [
          ...UNKNOWN_FIELDS.map((name) => set(name, '1')),
          set('deep', `{"a":`.repeat(10) + '1' + '}'.repeat(10)),
          {
            what: '50 unknown fields with long names',
            refused: true,
            apply(draft: Draft) {
              for (let i = 0; i < 45; i++) draft.fields = { ...draft.fields, [`${i}${'n'.repeat(2000)}`]: '1' };
            },
          },
        ]),
  ];
}

function inBody({ fields, path, method }: Target): Change[] {
  // Without fields a body is ignored: always on GET, elsewhere unless it can't be read.
  const refused = fields !== undefined || (method === 'GET' ? false : 'maybe');
  const change = (what: string, parts: Pick<Draft, 'body' | 'type'>): Change => ({
    what: `the ${what}`,
    refused,
    apply: (draft) => void Object.assign(draft, parts),
  });
  const takesForms = path.startsWith('/api/') && method === 'POST';
  const type = 'application/x-www-form-urlencoded';
  return [
    ...Object.entries(BAD_DOCUMENTS).map(([what, body]) => change(`body ${short(what)}`, { body })),
    ...BAD_CONTENT_TYPES.map((each) => change(`type ${short(each)}`, { type: each })),
    ...(Object.values(fields ?? {}).some(({ optional }) => !optional) ? [change('empty body', { body: '' })] : []),
    ...(takesForms ? BAD_FORMS : ['a=1']).map((body) => change(`form ${short(body)}`, { body, type })),
  ];
}

function inQuery({ list, filters: checked, safe, path }: Target, { cursors }: World): Change[] {
  const add = (refused: Change['refused'], ...query: string[]): Change => ({
    what: `?${short(query.join('&'))}`,
    refused,
    apply: (draft) => void draft.query.push(...query),
  });
  const named = [
    ['x=1', '=', 'a[b]=1', '__proto__=1', 'constructor=1', '__proto__[x]=1', 'access_token=a:b', 'cmd=x', 'sid=x'],
    ['%zz=1', 'x=%ff', 'a=1&a=2', Array.from({ length: 1500 }, (_, i) => `p${i}=1`).join('&'), `x=${'y'.repeat(9000)}`],
  ].flat();
  const odd = [...named, '&', '&&&='];
  if (!list && !checked) return safe ? odd.map((query) => add(path.startsWith('/api/') ? 'maybe' : false, query)) : [];
  const texts = TEXTS.filter((text) => isWellFormed(text) && text.length < 4000).map(encodeURIComponent);
  const ofUsers = checked || list === 'users';
  const ofSecrets = list === 'secrets';
  const filters = ofUsers ? ['search', 'role'] : ['user', ...(ofSecrets ? ['name'] : [])];
  const unbool = ['', '1', 'yes', 'TRUE', 'null', '[]', ...texts.filter((text) => !/^(true|false)$/.test(text))];
  const noWord = ['', 'LIVE', 'live,none', '-', '__proto__', ...texts];
  const words = [...(ofUsers ? ['key'] : []), ...(list === 'users' ? ['sort'] : []), ...(ofSecrets ? ['state'] : [])];
  const times = ofSecrets ? ['usedSince', 'notUsedSince', 'expiresBefore'] : [];
  // A time in the past is a good one here.
  const noTimes = [...texts, ...BAD_TIMES.filter((time) => !/^(2020|1969|0000)/.test(time)).map(encodeURIComponent)];
  const narrowed = [
    ...filters.flatMap((filter) => texts.map((text) => add('maybe', `${filter}=${text}`))),
    ...filters.flatMap((filter) => ['=a&', '[]=a&', '[a]=a&'].map((form) => add(true, filter + form + filter + form))),
    ...(ofUsers ? unbool.map((text) => add(true, `enabled=${text}`)) : []),
    ...words.flatMap((word) => noWord.map((text) => add(true, `${word}=${text}`))),
    ...times.flatMap((time) => ['', ...noTimes].map((text) => add(true, `${time}=${text}`))),
    ...named.map((query) => add(true, query)),
  ];
  if (!list) return [...narrowed, ...['limit=5', 'cursor=x', 'sort=fullName'].map((query) => add(true, query))];
  const own = cursors[list];
  const foreign = Object.values(cursors).filter((cursor) => cursor !== own);
  const decoded = Buffer.from(own, 'base64url').toString();
  const limits = [
    ['', '0', '101', '-1', '+5', '1.5', '1e2', '0x10', '%205', '%D9%A3', 'NaN', 'Infinity', '1e400', '9'.repeat(400)],
    ['5,6', '[]', 'null', '5%00', '__proto__'],
  ].flat();
  const forged = [
    ['[]', '{}', '1', '"x"', '["users",1,"x"]', '["users fullName","a","x"]', '["__proto__",1,"x"]'],
    ['', ',1e400,"x"', ',1.5,"x"', ',null,"x"', ',1,1', ',8640000000000001,"x"', ',1,{}', ',"1","x"'].map(
      (rest) => `["${JSON.parse(decoded)[0]}"${rest}]`,
    ),
    ['['.repeat(5000), decoded.slice(1)],
    [decoded.replace(/"(users -createdAt|api-keys|secrets by \w+)"/, '"roles"'), decoded.toUpperCase(), `${decoded} x`],
  ].flat();
  const mutated = Array.from({ length: 40 }, (_, i) => {
    const at = (i * 7) % own.length;
    return own.slice(0, at) + (own[at] === 'A' ? 'B' : 'A') + own.slice(at + 1);
  });
  const bad = [...forged.map(b64url), ...foreign, ...texts, '', '%00', '%', '-1', "'%20OR%201=1"];
  return [
    ...limits.map((limit) => add(true, `limit=${limit}`)),
    ...bad.map((cursor) => add(true, `cursor=${cursor}`)),
    ...[...mutated, own.slice(0, -1), `${own}=`, `${own}A`].map((cursor) => add('maybe', `cursor=${cursor}`)),
    ...narrowed,
    add(true, 'limit=5', 'limit=5'),
    add(true, `cursor=${own}`, `cursor=${own}`),
    add(true, 'limit[]=5'),
    ...texts.map((text) => add('maybe', `user=${text}`)),
  ];
}

function inAuthorization({ open }: Target, { tokens, dead }: World): Change[] {
  const token = tokens.manager!;
  const pair = token.slice('token '.length);
  const bad = [
    ['', 'token', 'Basic', 'Bearer', 'Bearer x', `Bearer ${pair}`, pair, `token  ${pair}`, `token\t${pair}`],
    [`token, ${pair}`],
    ['token x', 'token :', 'token a:', 'token :b', `${token}:`, `${token}:x`, `${token} x`, `${token}x`],
    [token.slice(0, -1)],
    [`token ${pair.toUpperCase()}`, token.replace('lk_', 'LK_'), token.replace(':', '%3A')],
    [`token "${pair}"`, `x${token}`],
    [`Basic ${pair}`, `Basic ${b64(pair).slice(0, -1)}!`, `Basic b'${b64(pair)}'`, `Basic ${b64(pair)} x`],
    [`Basic ${b64('x')}`, 'Basic ='],
    [`Basic ${b64(Buffer.from([0xff, 0xfe, 0x3a]))}`, `Basic ${b64('a\0:b')}`, `Basic ${b64(`${pair}\n`)}`],
    [`Basic ${b64(':')}`, 'Basic !!!!'],
    ['Digest username="x"', 'Negotiate abc', 'AWS4-HMAC-SHA256 x', 'token __proto__:constructor'],
    ["token '/**/OR/**/1=1:x", 'token %00:%00'],
    ['token \xff:\xfe', 'token \xc3\xbc:\xc3\xbc', 'token \xed\xa0\x80:x', `token ${'x'.repeat(4090)}`],
    [`token ${'x'.repeat(2000)}:${'y'.repeat(2000)}`],
    [`token ${'x'.repeat(9000)}:y`, `Basic ${b64('x:'.repeat(4000))}`, ' '.repeat(4000) + 'x'],
    [`token${' '.repeat(8000)}${pair}`, 'null'],
    [...dead, ...dead.map((each) => `Basic ${b64(each.slice('token '.length))}`)],
  ]
    .flat()
    .map((value) => [value]);
  const many = Array.from({ length: 50 }, () => token);
  const repeated = [[token, token], ['', token], [token, 'token a:b'], ['token a:b', token], many];
  return [...bad, ...repeated].map((auth) => ({
    what: `Authorization ${short(auth.join(' | '))}`.replaceAll(pair, '<good pair>').replace(/lks_\w+/g, 'lks_…'),
    refused: open !== true,
    apply: (draft: Draft) => void (draft.auth = auth),
  }));
}

function inIfMatch({ ifMatch }: Target): Change[] {
  if (!ifMatch) return [];
  const bad = [
    ['', 'x', '"', '""x', "'x'", '"a" "b"', '"a",', ',', 'W/', 'w/"a"', 'W/"a"', '"x"', '"\xff"', '"a"b', '*, "a"'],
    ['"__proto__"', '"1 OR 1=1"', '"null"', '"0.0"', `"${'x'.repeat(9000)}"`, ' '.repeat(5000), '"\\"'.repeat(3000)],
    [Array.from({ length: 2000 }, () => '"a"').join()],
  ].flat();
  return bad.map((value) => ({
    what: `If-Match ${short(value)}`,
    refused: true,
    apply: (draft: Draft) => void draft.headers.push(['If-Match', value]),
  }));
}

/** The method in place of the target's own, unless that is another target. */
function inMethod(target: Target, targets: readonly Target[]): Change[] {
  const taken = targets.filter(({ path }) => path === target.path).map(({ method }) => method);
  const anyMethod = target.route.startsWith('ALL') || target.open;
  return ODD_METHODS.filter((method) => !taken.includes(method)).map((method) => ({
    what: `method ${short(method)}`,
    refused:
      method === 'OPTIONS' || (anyMethod && ['GET', 'PUT', 'DELETE', 'POST', 'PATCH'].includes(method))
        ? 'maybe'
        : true,
    apply(draft: Draft) {
      draft.method = method;
      // What a parser does not know it answers itself.
      draft.byParser = /^(FOO|X+)$/.test(method);
    },
  }));
}

/** What is odd, and ignored. */
export const NOISE: readonly Change[] = ODD_HEADERS.map(([name, value]) => ({
  what: `${short(name)}: ${short(value)}`,
  refused: false,
  apply: (draft) => void draft.headers.push([name, value]),
}));

/** What can be wrong with a request to that target. */
export function changesOf(target: Target, targets: readonly Target[], world: World): Change[][] {
  return [
    inPath(target),
    inFields(target),
    inBody(target),
    inQuery(target, world),
    inIfMatch(target),
    inMethod(target, targets),
    inAuthorization(target, world),
  ];
}
