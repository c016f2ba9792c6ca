/** The languages that the browser asks for, best first: for numbers and dates. Intl throws at what is no tag ("en-US@posix"). */
export const LOCALES: readonly string[] = (globalThis.navigator?.languages ?? []).filter(isTag);

function isTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length > 0;
  } catch {
    return false; // a RangeError
  }
}
