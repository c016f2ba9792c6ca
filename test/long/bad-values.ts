/** Random choices that a seed reproduces (mulberry32). */
export class Random {
  constructor(private state: number) {}

  /** From 0 up to but not including `limit`. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

export const MEGABYTE = 'x'.repeat(1024 * 1024);

/** Texts that no user, key, secret, role, cursor or method is named by. */
export const TEXTS: readonly string[] = [
  ['', ' ', '\0', 'a\0b', 'Administrator\0', 'Administrator ', ' Administrator', 'administrator', 'GUEST', 'Guest'],
  ['\ud800', 'x\udfff', '\ud83d', '\u202enimda', '\u200f', '\u200b', '\ufeff', '\u2028', '\u0085', '\u001b[2J'],
  ["' OR '1'='1", "'; DROP TABLE users; --", '" OR ""="', '\\', "\\' OR 1=1 -- ", '%', '_', '%%', '`', ';'],
  ['/*', '#'],
  ['\r\nX-Injected: 1', '\n', '\t', '\r', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'],
  ['null', 'undefined', 'true', 'NaN', 'Infinity', '1e400', '-1', '0', '9'.repeat(400), '0x1f', '[object Object]'],
  ['../../etc/passwd', '..', '.', '%2e%2e%2f', '/', '//', '\\..\\', '${7*7}', '{{7*7}}', '<script>alert(1)</script>'],
  ['😀'.repeat(50), 'ſ', '\u212a', 'İ', 'ß', 'e\u0301', 'x'.repeat(141), 'x'.repeat(4000), 'x'.repeat(100_000)],
  ['x@', '@x', 'a@b@c', 'a@b', '"a b"@example.com', 'ü@example.com', 'a@exämple.com', 'a@example.com\0', "'@'"],
  [`${'a'.repeat(64)}@${'b'.repeat(70)}.example.com`, 'a@[127.0.0.1]', 'a@example.com,b@example.com'],
  ['<a@example.com>'],
].flat();

/** JSON, as it is written, of everything that is no text. */
export const NO_TEXTS: readonly string[] = [
  ['null', 'true', 'false', '0', '-1', '1.5', '1e308', '1e400', '-0', '9007199254740993', '[]', '{}', '[null]'],
  ['["a"]', '[["a"]]', '[{}]', '{"a":1}', '{"constructor":5}', '{"constructor":{"name":"x"}}', '{"toString":"x"}'],
  ['{"then":1}', '{"length":-1}', '{"0":"a"}', '{"valueOf":null,"toString":null}', '{"hasOwnProperty":1}'],
  [`[${'1,'.repeat(5000)}1]`, `${'['.repeat(15)}${']'.repeat(15)}`, '{"$ne":null}', '{"$gt":""}', '{"raw":"1=1"}'],
].flat();

export const BAD_TIMES: readonly string[] = [
  ['2027-02-30T00:00:00Z', '2027-01-31', '2027-13-01T00:00:00Z', '2027-01-31T24:00:00Z', '2027-01-31T00:00:00'],
  ['2020-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '0000-01-01T00:00:00Z', '+275760-09-13T00:00:00Z', 'tomorrow'],
  ['9999-12-31T23:59:60Z', '2027-01-31T00:00:00+99:99', '-000001-01-01T00:00:00Z', '2027-W05-1T00:00:00Z'],
  ['1800000000'],
].flat();

/** Beside `TEXTS`: what no secret can be given, since it is no scope, or none that there is. */
export const BAD_SCOPES: readonly string[] = [
  [
    '*',
    ':*',
    'keys:**',
    'keys:*:*',
    '*:read',
    'keys:*read',
    'k*:read',
    'keys*',
    'nothing:*',
    'keys:read:*',
    'keys:reed',
  ],
  ['KEYS:READ', 'keys:read ', ' keys:read', 'keys: read', 'keys::read', ':keys', 'keys:', 'keys', '.keys', '-k', '_k'],
  ['keys:read,users:read', 'keys:read users:read', 'keys/read', 'keys:read\n', 'ĸeys:read', 'keys:reаd', 'keys:-read'],
  ['x'.repeat(101), `${'x:'.repeat(50)}x`, `keys:${'x'.repeat(200)}`, 'x:'.repeat(5000), 'users:write\0', 'admin'],
].flat();

/** Beside `TEXTS`: what is no network. */
export const BAD_NETWORKS: readonly string[] = [
  [
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/8.0',
    '10/8',
    '10.',
  ],
  ['10.0.0.0/255.0.0.0', '10.0.0.*', '10.0.0.1-10.0.0.9', '010.0.0.1', '0xa.0.0.1', '167772160', '256.0.0.1', '1.2.3'],
  ['::1/0', '2001:db8::1/32', '2001:db8::/129', '::g', ':::', '1::2::3', '[::1]', '[::1]/128', 'fe80::1%eth0', '::1/x'],
  ['::ffff:10.0.0.1/104', '::ffff:0:0/95', '::ffff:10.0.0', 'localhost', 'example.com', '10.0.0.1:80', '10.0.0.1 '],
  [' 10.0.0.1', '10.0.0.1\n', '10.0.0.1,10.0.0.2', '１０.0.0.1', '10。0。0。1', '/', '/8', '0/0', 'any', '10.0.0.0\\8'],
].flat();

/** Numbers, as JSON, that are no requests and no seconds: also for the command, where no digits are a text. */
const BAD_COUNTS = [
  ['0', '-1', '-0', '1.5', '0.1', '1e-9', '1e400', '-1e400', '1000000001', '9007199254740993', '1e21', 'null', 'true'],
  ['""', '"5"', '"60"', '"1e3"', '"5 "', '[]', '[5]', '{}', '{"valueOf":5}', '"NaN"', '"Infinity"', '"0x5"', '"٣"'],
].flat();

/** As JSON: members of a list of limits. Without `constructor`, which Nest's own pipe takes off each object. */
const BAD_MEMBERS = [
  ['null', '0', '5', 'true', '""', '"100/60s"', '[]', '[100,60]', '{}', '[{"requests":1,"seconds":1}]'],
  ['{"requests":5}', '{"seconds":5}', '{"Requests":5,"seconds":5}', '{"requests ":5,"seconds":5}'],
  ['"burst":1', '"__proto__":{}', '"toString":1', '"":1'].map((more) => `{"requests":5,"seconds":5,${more}}`),
  ['{"__proto__":{"requests":5,"seconds":5}}', '{"requests":5,"seconds":2678401}'],
  BAD_COUNTS.map((count) => `{"requests":${count},"seconds":60}`),
  BAD_COUNTS.map((count) => `{"requests":5,"seconds":${count}}`),
  BAD_COUNTS.map((count) => `{"requests":${count},"seconds":${count}}`),
].flat();
const pairOf = (a: number, b: number, c: number, d: number) =>
  `[{"requests":${a},"seconds":${b}},{"requests":${c},"seconds":${d}}]`;

/** As JSON: no limits. */
export const BAD_LIMITS: readonly string[] = [
  ['[]', '{"requests":5,"seconds":60}', '{"0":{"requests":5,"seconds":60},"length":1}', '"100/60s"'],
  BAD_MEMBERS.map((member) => `[${member}]`),
  BAD_MEMBERS.map((member) => `[{"requests":4,"seconds":1},${member}]`),
  [pairOf(5, 60, 6, 60), pairOf(5, 60, 5, 3600), pairOf(6, 60, 5, 3600), pairOf(5, 3600, 6, 60), pairOf(5, 60, 5, 60)],
  [5, 100, 20_000].map((count) =>
    JSON.stringify(Array.from({ length: count }, (_, i) => ({ requests: i + 1, seconds: i + 1 }))),
  ),
  [`[{"requests":5,"seconds":"${'9'.repeat(100_000)}"}]`],
  [`${'['.repeat(50)}{"requests":5,"seconds":5}${']'.repeat(50)}`],
].flat();

/** Of the command: no limit. */
export const BAD_LIMIT_TEXTS: readonly string[] = [
  ['', '/', '100', '100/', '/60s', '100/60', '100/s', '100 / 60s', '100/60s ', ' 100/60s', '100/60s/60s', '100/60 s'],
  ['100/60S', '100/1w', '100/1.5h', '1.5/60s', '-1/60s', '100/-60s', '+1/60s', '1e3/60s', '100/1e3s', '0x5/60s'],
  ['0/60s', '100/0s', '00/00s', '1000000001/60s', '9999999999/60s', '99999999999/60s', '100/32d', '100/2678401s'],
  [
    '100/999999999d',
    '100/9999999999s',
    '٣/60s',
    '１００/60s',
    '100\\60s',
    '100:60s',
    '100,60s',
    '100/60s,5/1s',
    'null',
  ],
  ['{"requests":5,"seconds":60}', '[]', 'none', 'NaN/NaNs', 'Infinity/1s', '5/1s\n', '\n5/1s', '5/1s\0', '5\0/1s'],
].flat();

const JSON_TEXTS = [
  ['{', '}', '[', ']', '{"a"', '{"a":}', "{'a':1}", '{"a":1}}', '{"a":1,}', '{,}', 'nul', 'NaN', '{"a":NaN}'],
  ['{"a":Infinity}', '{"a":0x1}', '{"a":01}', '// x\n{}', '{"a":"\n"}', '{"a":"\\x"}', '{"a":"\\u12"}', 'undefined'],
  ['null', 'true', '5', '1e400', '"x"', '[]', '[{}]', '[[]]', '{"__proto__":{"x":1}}', '{"__proto__":null}'],
  ['{"constructor":{"prototype":{}}}', '{"\\u005f_proto__":1}', ' ', '\n', '\0', '{}\0'],
].flat();

/** With a name each: bodies that are no JSON, or no object that an API could mean. */
export const BAD_DOCUMENTS: Readonly<Record<string, string | Buffer>> = {
  ...Object.fromEntries(JSON_TEXTS.map((text) => [text, text])),
  'bytes that are no UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  'a surrogate in UTF-8': Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
  'UTF-16': Buffer.from('{"a":1}', 'utf16le'),
  'a gzip': Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 5, 0]),
  'brackets, 100,000 deep': '['.repeat(100_000),
  'objects, 21 deep': `${'{"a":'.repeat(21)}1${'}'.repeat(21)}`,
  'objects, 30,000 deep': '{"a":'.repeat(30_000),
  '1 MB of brackets': '['.repeat(1024 * 1024),
  '1 MB of blanks': ' '.repeat(1024 * 1024),
  'a text of 1 MB': `"${MEGABYTE}"`,
  'a field of 1 MB': `{"fullName":"${MEGABYTE}"}`,
  '15,000 fields': JSON.stringify(Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`f${i}`, 1]))),
};

/** Forms without one field `user` that names somebody. */
export const BAD_FORMS: readonly string[] = [
  ['', '&', '=', 'x=%zz', 'user', 'user[]=x', `user=${MEGABYTE}`, '&'.repeat(2000), 'user=x&user=y', 'user=%00'],
].flat();

export const UNKNOWN_FIELDS: readonly string[] = [
  ['x', 'id', 'digest', 'role', 'isAdmin', 'api_secret', 'version', 'createdBy', '_method', '', ' ', '__proto__'],
  ['constructor', 'toString', 'valueOf', '\ud800', '\0', 'x'.repeat(100_000)],
].flat();

export const BAD_CONTENT_TYPES: readonly string[] = [
  ['application/xml', 'multipart/form-data', 'multipart/form-data; boundary=x', 'application/octet-stream', 'json'],
  ['application/jsonx', 'application/json5', 'application/x-ndjson', 'application/json-patch+json', 'text/html', ';'],
  ['application/', '/', '*/*', 'application/x-www-form-urlencoded; charset=x', 'x'.repeat(4000), '\xff'],
  ['application json'],
].flat();

/** As they stand in a path, between two slashes. */
export const RAW_SEGMENTS: readonly string[] = [
  ['%', '%z', '%zz', '%f', '%ff', '%c0%af', '%c0%ae%c0%ae', '%ed%a0%80', '%f4%90%80%80', '%00', 'a%00', '%u0041'],
  ['..', '.', '%2e%2e', '%2e', '..%2f..%2f', '%2e%2e%2f%2e%2e%2fme', '..%5c', '..;', ';x=1', '*', ':name'],
  ['~', '%252e', '%2f'],
  ['%2f%2f', '%3f', '%23', 'x%0d%0aX-Injected:%201', '%e2%80%ae', '%ef%bb%bf', '\xfc', '\xff\xfe', '"'],
  ['<', '|', '^', '{}', '[]'],
  ['a'.repeat(4000), 'a'.repeat(4097), 'a'.repeat(9000), '%41'.repeat(1300), '%41'.repeat(3000), '%00'.repeat(500)],
].flat();

export const UNKNOWN_PATHS: readonly string[] = [
  ['/nothing', '/v1', '/v1/', '/v2/users', '/v1/users/', '/v1/users/x/y', '/v1/me/', '/v1/me/x', '/V1/me', '/v1/ME'],
  ['//v1/me', '/v1//me', '/v1/./me', '/v1/../v1/me', '/v1/me;x=1', '/v1/me%00', '/v1/me%20', '/v1/me%3f', '/v1%2fme'],
  ['/health', '/health/', '/health/live/', '/health/../v1/me', '/.env', '/.git/config', '/package.json'],
  ['/favicon.ico'],
  ['/api', '/api/', '/api/method', '/api/method/', '/api/foo', '/api/v3/method/ping', '/api//method/ping'],
  ['/api/v1/me', '/%', '/%zz', '/%ff', '/%c0%ae%c0%ae/', '/..%2f..%2fetc%2fpasswd', `/${'a'.repeat(9000)}`],
  ['/a'.repeat(4000), '/\xff'],
  ['/v1/api-keys/x/secrets/y/z', '/v1/api-keys//secrets', '/v1/roles/', '/v1/sessions', '/__proto__', '/constructor'],
].flat();

export const ODD_METHODS: readonly string[] = [
  ['HEAD', 'PUT', 'PATCH', 'DELETE', 'POST', 'GET', 'OPTIONS', 'TRACE', 'PROPFIND', 'PROPPATCH', 'MKCOL'],
  ['COPY', 'MOVE'],
  ['LOCK', 'UNLOCK', 'SEARCH', 'REPORT', 'PURGE', 'LINK', 'UNLINK', 'MERGE', 'SUBSCRIBE', 'SOURCE', 'BIND', 'REBIND'],
  ['MKACTIVITY', 'CHECKOUT', 'NOTIFY', 'M-SEARCH', 'MKCALENDAR', 'ACL', 'UNSUBSCRIBE', 'FOO', 'X'.repeat(300)],
].flat();

/** Odd headers that are ignored. */
export const ODD_HEADERS: readonly (readonly [string, string])[] = [
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-HTTP-Method', 'DELETE'],
  ['X-Method-Override', 'PUT'],
  ['Cookie', 'sid=Administrator; sid=x; __proto__=1; ='],
  ['Cookie', '\xff=\xfe;;;'],
  ['Accept', 'x/y;q=NaN, */'],
  ['Accept', '\xff'],
  ['Accept-Encoding', 'br;q=x, zip'],
  ['Accept-Language', '*'.repeat(2000)],
  ['X-Forwarded-For', "127.0.0.1, ' OR 1=1, ::::"],
  ['X-Forwarded-Proto', 'gopher'],
  ['X-Forwarded-Host', 'evil.example'],
  ['X-Forwarded-Prefix', '/../..'],
  ['X-Original-URL', '/health/live'],
  ['X-Rewrite-URL', '/health/live'],
  ['Forwarded', 'for="_x";proto=x;by='],
  ['Origin', 'null'],
  ['Origin', 'not an origin'],
  ['Referer', 'javascript:alert(1)'],
  ['Sec-Fetch-Site', 'cross-site'],
  ['Sec-Fetch-Mode', '\xff'],
  ['X-Requested-With', 'XMLHttpRequest'],
  ['X-Request-Id', '<script>'],
  ['If-None-Match', 'x"y'],
  ['If-Modified-Since', 'yesterday'],
  ['Range', 'bytes=9-1,-'],
  ['Upgrade', 'websocket'],
  ['Via', 'x'.repeat(2000)],
  ['X-Frappe-Site-Name', '../../x'],
  ['Frappe-Authorization-Source', "DocType'`"],
  ['X-Frappe-CSRF-Token', 'None'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['Accept-Version', '9.9.9'],
  ['Content-Language', '\x80'],
  ['X'.repeat(3000), 'x'],
];

/** A value for people who read a failure: never a megabyte. */
export function short(value: string): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 80)}…(${value.length})` : text;
}

/** False where a text can't be written as UTF-8. */
export function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}
