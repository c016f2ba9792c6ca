import { words } from '../words/index.js';

/** In this order, since most browsers also name those that they are like. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bVersion\/\d/, 'Safari'], // its own name is past what the server keeps
];
const SYSTEMS: [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** "Chrome on Linux" for the `User-Agent` of a common browser; of any other program what it calls itself first. */
export function browserName(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return words.ui.unknownProgram;
  const named = (of: [RegExp, string][]) => of.find(([form]) => form.test(userAgent))?.[1];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (browser === undefined) return userAgent.split(' ')[0]!.slice(0, 40);
  return system === undefined ? browser : words.ui.browserOn(browser, system);
}
