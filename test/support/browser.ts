import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { TestApp } from './app.js';

/** The first that there is. Chromium with a window of its own, though nobody sees it, takes twice the time. */
const BINARY = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => existsSync(path));

/** False where there is no Chromium: its tests are skipped, and the gate counts that. */
export const hasBrowser = BINARY !== undefined;

export function startBrowser(more: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: BINARY!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--no-first-run',
      ...more,
    ],
  });
}

/** A person at the page, and all that went wrong there: errors of the console, violations of the policy, foreign hosts. */
export interface Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
  /** Of every request: method, address, and what was sent. */
  readonly requests: string[];
}

export async function newPerson(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Person> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    // Chromium reports each refused request here; what it means is shown in the page.
    const refused = /Failed to load resource: the server responded with a status of (401|403|404|409|412|422|429)/;
    if (message.type() === 'error' && !refused.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    requests.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`);
    if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url())) complaints.push(request.url());
  });
  return { context, page, complaints, requests };
}

/** Gives a person a session, as log-in does. */
export async function giveSession({ context }: Person, { call, url }: TestApp, user: string, password: string) {
  const { headers } = await call('POST', '/v1/session', { json: { user, password } });
  const value = headers['set-cookie']![0]!.split(';')[0]!.slice(4);
  await context.addCookies([{ name: 'sid', value, url, httpOnly: true, sameSite: 'Lax' }]);
}
