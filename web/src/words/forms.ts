import { createElement, Fragment, type ReactNode } from 'react';
import { LOCALES } from './locale.js';

/** What a list counts, up to a limit. */
export interface Count {
  readonly count: number;
  readonly atLeast: boolean;
}

const NUMBER = new Intl.NumberFormat(LOCALES);
const COMPACT = new Intl.NumberFormat(LOCALES, { notation: 'compact' });
const MINUTE = 60;

/** "1,284", as the browser's language writes it. */
export function number(value: number): string {
  return NUMBER.format(value);
}

/** "1.3K", as the browser's language writes it: where there is little room. */
export function compactNumber(value: number): string {
  return COMPACT.format(value);
}

/** "1,284", or "100,000+" where counting has stopped. */
export function countOf({ count, atLeast }: Count): string {
  return `${number(count)}${atLeast ? '+' : ''}`;
}

/** What the sentence about a row of the audit trail is made of. */
export interface Told {
  /** Who did it, at the start of a sentence. */
  readonly who: ReactNode;
  /** Whom or what it is about, after that: "yourself" and "themselves" where it is the same. Null: nobody is known. */
  readonly whom: ReactNode;
  /** The same as an owner: "your", "their", or "anna@example.com’s". */
  readonly whose: ReactNode;
  /** The owner where the sentence does not say who did it: never "their". */
  readonly owner: ReactNode;
  /** Whether it is about who did it. */
  readonly isOwn: boolean;
  /** The name of the secret. */
  readonly secret: ReactNode;
  readonly fullName: string;
  readonly given: readonly string[];
  readonly taken: readonly string[];
  /** The names of the changed fields. */
  readonly changed: readonly string[];
  /** How many sessions, requests or rows. */
  readonly count: number;
  readonly isOneTime: boolean;
  /** A secret, by a newer one. */
  readonly isReplaced: boolean;
  /** The end of a replaced secret: undefined where it was not changed, null where it was taken back. */
  readonly retiresAt: string | null | undefined;
  /** A session, by itself. */
  readonly isLogOut: boolean;
}

/** A sentence with elements in it. */
export function sentence(...parts: ReactNode[]): ReactNode {
  return createElement(Fragment, null, ...parts);
}

/** For a language, picks the form of a word that goes with a number. */
export function pluralOf(language: string) {
  const rules = new Intl.PluralRules(language);
  return (count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }): string =>
    forms[rules.select(count)] ?? forms.other;
}

/** For a language, says how long a wait is: "5 seconds"; from a minute on "2 minutes", rounded up. */
export function durationOf(language: string) {
  const [seconds, minutes] = (['second', 'minute'] as const).map(
    (unit) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }),
  );
  return (wait: number): string =>
    wait < MINUTE ? seconds!.format(Math.ceil(wait)) : minutes!.format(Math.ceil(wait / MINUTE));
}
