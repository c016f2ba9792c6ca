/** A body, and the headers that say what it is. */
export interface Body {
  readonly what: string;
  readonly type: string;
  readonly text: string | Buffer;
}

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';

/** As often as it goes into that many bytes. `piece` may make each one different. */
function fill(bytes: number, piece: string | ((i: number) => string), between = ''): string {
  const parts: string[] = [];
  for (let i = 0, left = bytes; ; i++) {
    const part = typeof piece === 'string' ? piece : piece(i);
    left -= Buffer.byteLength(part) + between.length;
    if (left < 0) return parts.join(between);
    parts.push(part);
  }
}

const nested = (bytes: number, open: string, close: string, depth: number) => {
  const tower = `${open.repeat(depth)}${close.repeat(depth)}`;
  return `[${fill(bytes - 2, tower, ',')}]`;
};

/** JSON values of that many bytes, each the worst of its kind for somebody who reads, walks or judges it. */
const VALUES: Readonly<Record<string, (bytes: number) => string>> = {
  'an array of empty objects': (bytes) => `[${fill(bytes - 2, '{}', ',')}]`,
  'an array of empty arrays': (bytes) => `[${fill(bytes - 2, '[]', ',')}]`,
  'an array of objects': (bytes) => `[${fill(bytes - 2, '{"a":1}', ',')}]`,
  'an array of objects of different shapes': (bytes) => `[${fill(bytes - 2, (i) => `{"k${i}":1}`, ',')}]`,
  'an array of numbers': (bytes) => `[${fill(bytes - 2, '1', ',')}]`,
  'an array of long numbers': (bytes) => `[${fill(bytes - 2, '1.7976931348623157e308', ',')}]`,
  'an array of nulls': (bytes) => `[${fill(bytes - 2, 'null', ',')}]`,
  'an array of short texts': (bytes) => `[${fill(bytes - 2, '"a"', ',')}]`,
  'an array of different texts': (bytes) => `[${fill(bytes - 2, (i) => `"Role ${i}"`, ',')}]`,
  'an array of long texts': (bytes) => `[${fill(bytes - 2, `"${'x'.repeat(500)}"`, ',')}]`,
  'a hundred long texts': (bytes) => JSON.stringify(Array.from({ length: 100 }, () => 'y'.repeat(bytes / 100 - 4))),
  'towers of arrays': (bytes) => nested(bytes, '[', ']', 17),
  'towers of objects': (bytes) => nested(bytes, '{"a":', '}', 17).replaceAll(':}', ':1}'),
  'one tower': (bytes) => `${'['.repeat(17)}${fill(bytes - 34, '1', ',')}${']'.repeat(17)}`,
  'an object of many members': (bytes) => `{${fill(bytes - 2, (i) => `"k${i}":1`, ',')}}`,
  'an object of numbered members': (bytes) => `{${fill(bytes - 2, (i) => `"${i * 65_536}":1`, ',')}}`,
  'an object of members with escapes': (bytes) => `{${fill(bytes - 2, (i) => `"\\u006b${i}":1`, ',')}}`,
  'an object of one long name': (bytes) => `{"${fill(bytes - 6, 'k')}":1}`,
  'a long text': (bytes) => `"${fill(bytes - 2, 'x')}"`,
  'a long text of blanks': (bytes) => `"${fill(bytes - 4, ' ')}."`,
  'a long text of escapes': (bytes) => `"${fill(bytes - 2, '\\u0061')}"`,
  'a long text of quotes': (bytes) => `"${fill(bytes - 2, '\\"')}"`,
  'a long text of line ends': (bytes) => `"${fill(bytes - 2, '\\n')}"`,
  'a long text of emoji': (bytes) => `"${fill(bytes - 2, '😀')}"`,
  'a long text of accents': (bytes) => `"${fill(bytes - 3, '\u0301')}"`,
  'a long text of digits': (bytes) => `"${fill(bytes - 2, '9')}"`,
  'a long e-mail': (bytes) => `"${fill(bytes / 2 - 4, 'a.')}@${fill(bytes / 2 - 4, 'b.')}c"`,
  'many at signs': (bytes) => `"${fill(bytes - 2, 'a@')}"`,
  'a long time': (bytes) => `"${fill(bytes - 2, '2027-01-31T')}"`,
  'a long time of brackets': (bytes) => `"${fill(bytes - 2, '(')}"`,
  'a long number': (bytes) => fill(bytes, '9'),
  'a long fraction': (bytes) => `0.${fill(bytes - 2, '3')}`,
};

/** Bodies that are no object with one field. */
const DOCUMENTS: Readonly<Record<string, (bytes: number) => string | Buffer>> = {
  blanks: (bytes) => fill(bytes, ' '),
  'blanks before an object': (bytes) => `${fill(bytes - 2, ' ')}{}`,
  'brackets without end': (bytes) => fill(bytes, '['),
  'objects without end': (bytes) => fill(bytes, '{"a":'),
  'a text without end': (bytes) => `"${fill(bytes - 1, '\\"')}`,
  'bytes that are no UTF-8': (bytes) => Buffer.alloc(bytes, 0xff),
  'a member given often': (bytes) => `{${fill(bytes - 2, '"user":"a"', ',')}}`,
  'a member given twice, far apart': (bytes) => `{"a":1,${fill(bytes - 16, (i) => `"k${i}":1`, ',')},"a":2}`,
  'a member given twice, in escapes': (bytes) => `{${fill(bytes - 2, (i) => `"\\u006${(i % 5) + 1}":1`, ',')}}`,
  'names that are near to __proto__': (bytes) => `{"__proto_":[${fill(bytes - 32, '{"__proto_":1}', ',')}]}`,
  'a constructor, and a wide array': (bytes) => `{"constructor":1,"a":[${fill(bytes - 32, '{}', ',')}]}`,
};

const FORMS: Readonly<Record<string, (bytes: number) => string>> = {
  'a form of many fields': (bytes) => fill(bytes, (i) => i.toString(36), '&'),
  'a form of one field, often': (bytes) => fill(bytes, 'user=a', '&'),
  'a form of ampersands': (bytes) => fill(bytes, '&'),
  'a form of escapes': (bytes) => `usr=a&pwd=${fill(bytes - 10, '%61')}`,
  'a form of bad escapes': (bytes) => `user=${fill(bytes - 5, '%')}`,
  'a form of blanks': (bytes) => `user=${fill(bytes - 5, '+')}`,
  'a form with a long user': (bytes) => `user=${fill(bytes - 5, 'x')}`,
  'a form with a long method': (bytes) => `cmd=${fill(bytes - 4, 'x.')}`,
};

/** Bodies of at most that many bytes. @param fields that the route has, which get each of the worst values. */
export function* worstBodies(bytes: number, fields: readonly string[]): Generator<Body> {
  for (const field of [...fields, 'unknown']) {
    for (const [what, value] of Object.entries(VALUES)) {
      const others = fields.filter((each) => each !== field).map((each) => `"${each}":"x",`);
      const before = `{${others.join('')}"${field}":`;
      yield { what: `${field}: ${what}`, type: JSON_TYPE, text: `${before}${value(bytes - before.length - 1)}}` };
    }
  }
  for (const [what, value] of Object.entries(VALUES)) yield { what, type: JSON_TYPE, text: value(bytes) };
  for (const [what, make] of Object.entries(DOCUMENTS)) yield { what, type: JSON_TYPE, text: make(bytes) };
  for (const [what, make] of Object.entries(FORMS)) yield { what, type: FORM, text: make(bytes) };
  yield { what: 'a long text/plain', type: 'text/plain', text: fill(bytes, 'x') };
  yield { what: 'a long XML', type: 'application/xml', text: fill(bytes, '<a>') };
}
