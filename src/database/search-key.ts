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

/** A text greater than all that begin with `prefix`, in the order of the engines: by code point. */
export function afterPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}
