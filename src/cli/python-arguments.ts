import { LatchkeyError } from '../latchkey.error.js';

/**
 * The texts in what Frappe's `--args` takes: a Python list or tuple of strings, a string, or a bare word. Also as it
 * arrives when the shell has eaten the quotes: `--args ['u@x']` is `[u@x]` then.
 * @throws LatchkeyError `malformed` for anything else.
 */
export function parseArgs(text: string): string[] {
  const inner = /^\s*[[(](.*)[\])]\s*$/s.exec(text)?.[1] ?? text;
  if (inner.trim() === '') return [];
  return inner.trim().replace(/,$/, '').split(',').map(unquote);
}

/**
 * The names and texts in what Frappe's `--kwargs` takes: a Python dict or JSON object whose keys and values are strings.
 * @throws LatchkeyError `malformed` for anything else.
 */
export function parseKwargs(text: string): Record<string, string> {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (inner === undefined) throw malformed(text);
  const pairs = inner.trim() === '' ? [] : inner.trim().replace(/,$/, '').split(',');
  return Object.fromEntries(
    pairs.map((pair) => {
      const colon = pair.indexOf(':');
      if (colon === -1) throw malformed(text);
      return [unquote(pair.slice(0, colon)), unquote(pair.slice(colon + 1))];
    }),
  );
}

function unquote(text: string): string {
  const trimmed = text.trim();
  const [, quote, quoted] = /^(['"])(.*)\1$/s.exec(trimmed) ?? [];
  const value = quoted ?? trimmed;
  const forbidden = quote === undefined ? /["\\[\](){}]/ : new RegExp(`[${quote}\\\\]`);
  if (value === '' || forbidden.test(value)) throw malformed(text);
  return value;
}

function malformed(text: string): LatchkeyError {
  return new LatchkeyError('malformed', `Can't read ${JSON.stringify(text)}; write --args "['user@example.com']".`);
}
