import { LatchkeyError } from './latchkey.error.js';
import { shown } from './users/user-name.js';

const MAX_DEPTH = 20;
/** Of all objects and arrays together. To make an object of ten thousand takes JSON.parse longer than anybody may wait. */
const MAX_MEMBERS = 1000;

/**
 * What is wrong with how a JSON text is built: nested too deep, too many members, or one of them twice. Undefined when
 * nothing is, or when it is no JSON, which JSON.parse says. Of two members with one name JSON.parse keeps the last, and another
 * reader of the same body (a proxy that filters) may go by the first. Takes time in proportion to the length.
 */
export function structureError(text: string): LatchkeyError | undefined {
  /** Of each object around, the names so far; undefined for an array. */
  const around: (Set<string> | undefined)[] = [];
  /** Whether a text that begins here is the name of a member. */
  let isName = false;
  let members = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') {
      // Validators walk a value by recursion, and would run out of stack.
      if (around.length === MAX_DEPTH) {
        return new LatchkeyError('malformed', `The body is nested more than ${MAX_DEPTH} levels deep.`);
      }
      isName = character === '{';
      around.push(isName ? new Set() : undefined);
    } else if (character === '}' || character === ']') around.pop();
    else if (character === ',') {
      if (++members > MAX_MEMBERS)
        return new LatchkeyError('malformed', `The body has more than ${MAX_MEMBERS} members.`);
      isName = around.at(-1) !== undefined;
    } else if (character === '"') {
      const end = endOfText(text, i);
      const names = isName ? around.at(-1) : undefined;
      if (names) {
        const name = unescaped(text.slice(i, end + 1));
        if (name === undefined) return undefined;
        if (names.has(name)) {
          return new LatchkeyError('given_twice', `The body has the member "${shown(name)}" more than once.`);
        }
        names.add(name);
      }
      isName = false;
      i = end;
    }
  }
  return undefined;
}

/** Where the quote is that ends the text whose first quote is at `start`. */
function endOfText(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end;
}

/** `"a"` and `"\u0061"` are the same name. Undefined when it is no JSON. */
function unescaped(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
