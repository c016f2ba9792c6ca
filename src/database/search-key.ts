const MAX_LENGTH = 140;

/** A text in the form in which it is searched for: in lower case, one spelling for each letter, at most 140 characters. */
export function searchKeyOf(text: string): string {
  return [...text.normalize('NFC').toLowerCase()].slice(0, MAX_LENGTH).join('');
}

/** The least text that is greater than all that begin with `prefix`, as the engines order them: by code point. */
export function afterPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}
