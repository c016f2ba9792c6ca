const MAX_LENGTH = 140;

/**
 * A text in the form in which it is searched for: without letter case, one spelling for each letter, at most 140
 * characters. It is made from the upper case, since ß is SS there; the sigma at the end of a word counts as the same
 * letter.
 */
export function searchKeyOf(text: string): string {
  const folded = text.normalize('NFC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
  return [...folded].slice(0, MAX_LENGTH).join('');
}

/** Where a word begins within a text without blanks, as in `anna-maria` and `o'brien`. */
const INNER_WORD = /(?<=[^\p{L}\p{M}\p{N}])[\p{L}\p{M}\p{N}]/gu;

/**
 * What a search for a word of that text may begin with: the text from each of its words on, up to the next blank. So
 * `Anna-Maria Rossi` is `anna-maria`, `maria` and `rossi`.
 */
export function wordsOf(text: string): string[] {
  const words = searchKeyOf(text)
    .split(/\s+/)
    .filter((word) => word !== '');
  const inner = words.flatMap((word) => Array.from(word.matchAll(INNER_WORD), ({ index }) => word.slice(index)));
  return [...new Set([...words, ...inner])];
}

/** A text greater than all that begin with `prefix`, in the order of the engines: by code point. */
export function afterPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}
