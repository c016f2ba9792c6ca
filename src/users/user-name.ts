import validator from 'validator/lib/isEmail.js';
import { invalid, LatchkeyError } from '../latchkey.error.js';
import { type Actor, OPERATOR, SYSTEM_MANAGER } from './principal.js';

// What class-validator uses, without the 300 files of that package. It is CommonJS, and exports its function twice.
const { default: isEmail } = validator;

export const ADMINISTRATOR = 'Administrator';
/** `Guest` is not an account: it has no key, no role and no password. Frappe's clients know the name. */
export const GUEST = 'Guest';

/** Characters in an e-mail, a full name, and the name of a role. */
export const MAX_LENGTH = 140;

/**
 * The user name that a person means by this text: without blanks around it, an e-mail in lower case, `Administrator` and
 * `Guest` from any letter case. Every service applies it to its input, so a user is found however the name is typed.
 */
export function typedName(text: string): string {
  // ASCII only: Unicode turns the Kelvin sign into a "k", and so one name into another.
  const name = text.trim();
  const lower = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (lower.includes('@')) return lower;
  return [ADMINISTRATOR, GUEST].find((builtIn) => builtIn.toLowerCase() === lower) ?? name;
}

/**
 * The name of the user with that e-mail: the e-mail in lower case, ASCII, at most 140 characters.
 * @throws LatchkeyError `validation_failed` on field `email` when it is not an e-mail address.
 */
export function nameOf(email: string): string {
  const name = typedName(email);
  const plain = /^[\x21-\x7e]*$/.test(name);
  if (!plain || name.length > MAX_LENGTH || !isEmail(name, { allow_utf8_local_part: false })) {
    throw invalid(
      'email',
      'not_an_email',
      `"${shown(email)}" is not an e-mail address of at most ${MAX_LENGTH} ASCII characters.`,
    );
  }
  return name;
}

/** Control characters, line ends, lone surrogates, and what is invisible or turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/**
 * Whether a text has more than `most` characters. A character is at most two UTF-16 units, so a long text is not
 * counted.
 */
export function isLonger(text: string, most: number): boolean {
  return text.length > 2 * most || [...text].length > most;
}

/**
 * Checks a text that people read: 1 to `most` printable characters.
 * @param what names it in the sentence for people.
 * @returns it without blanks around it. @throws LatchkeyError `validation_failed` on `field`.
 */
export function checkText(
  text: string,
  { field, code, what, most }: Record<'field' | 'code' | 'what', string> & { most: number },
): string {
  const trimmed = text.trim();
  if (trimmed === '' || isLonger(trimmed, most) || UNPRINTABLE.test(trimmed)) {
    throw invalid(field, code, `${what} has 1 to ${most} printable characters.`);
  }
  return trimmed;
}

export function checkFullName(fullName: string): string {
  return checkText(fullName, { field: 'fullName', code: 'bad_full_name', what: 'A full name', most: MAX_LENGTH });
}

/** Checks the text of a search. @throws LatchkeyError `validation_failed` on `search`. */
export function checkSearch(search: string): void {
  if (isLonger(search, MAX_LENGTH) || UNPRINTABLE.test(search)) {
    throw invalid('search', 'bad_search', `A search has at most ${MAX_LENGTH} printable characters.`);
  }
}

/** The names that a role may have. */
export const ROLE_NAME = /^[\p{L}\p{N}]([\p{L}\p{N} ._-]{0,138}[\p{L}\p{N}._-])?$/u;

/** @throws LatchkeyError `validation_failed` on `name` when a role may not have that name. */
export function checkRoleName(name: string): void {
  if (!ROLE_NAME.test(name)) {
    const message = 'A role is named by 1 to 140 letters, digits, blanks, dots, dashes and underscores.';
    throw invalid('name', 'bad_name', message);
  }
}

export function isManager(actor: Actor): boolean {
  return actor === OPERATOR || actor.roles.includes(SYSTEM_MANAGER);
}

/** @throws LatchkeyError `forbidden`, naming the missing role. */
export function requireManager(actor: Actor): void {
  if (!isManager(actor)) throw new LatchkeyError('forbidden', `This needs the role "${SYSTEM_MANAGER}".`);
}

/** True for names beyond a manager's power: Administrator for all except itself and the operator, Guest for all. */
export function isProtected(actor: Actor, name: string): boolean {
  if (name === GUEST) return true;
  return name === ADMINISTRATOR && actor !== OPERATOR && actor.name !== ADMINISTRATOR;
}

/** The name of the user whom lists and figures leave out for that actor; undefined when it sees all. */
export function hiddenFrom(actor: Actor): string | undefined {
  return isProtected(actor, ADMINISTRATOR) ? ADMINISTRATOR : undefined;
}

/** @throws LatchkeyError `protected` when the actor has no power over that name. */
export function requirePowerOver(actor: Actor, name: string): void {
  if (isProtected(actor, name)) throw new LatchkeyError('protected', noSuchUser(name));
}

export function noSuchUser(name: string): string {
  return `There is no user "${shown(name)}".`;
}

/** A name from outside, shortened for a message. */
export function shown(name: string): string {
  return name.length > MAX_LENGTH ? `${name.slice(0, MAX_LENGTH)}…` : name;
}
