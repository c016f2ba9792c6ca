import { en, type Words } from './en.js';
import { LOCALES } from './locale.js';

/** A language is a file beside en.ts, and a line here. */
const LANGUAGES: Readonly<Record<string, Words>> = { en };

/** The language of the page: the first that the browser asks for and that there is. */
export const LANGUAGE = LOCALES.map((tag) => tag.split('-')[0]!.toLowerCase()).find((one) => one in LANGUAGES) ?? 'en';

/** Every word that the page shows. */
export const words: Words = LANGUAGES[LANGUAGE]!;
