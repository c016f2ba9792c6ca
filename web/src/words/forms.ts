import { createElement, Fragment, type ReactNode } from 'react';
import { LOCALES } from './locale.js';

/** What a list counts, up to a limit. */
export interface Count {
  readonly count: number;
  readonly atLeast: boolean;
}

const NUMBER = new Intl.NumberFormat(LOCALES);
const MINUTE = 60;

/** "1,284", as the browser's language writes it. */
export function number(value: number): string {
  return NUMBER.format(value);
}

/** "1,284", or "100,000+" where counting has stopped. */
export function countOf({ count, atLeast }: Count): string {
  return `${number(count)}${atLeast ? '+' : ''}`;
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
