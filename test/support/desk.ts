import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { OPERATOR } from '../../src/users/principal.js';
import { newName, startApp, type TestApp, type TestDatabase } from './app.js';
import { giveSession, newPerson, type Person, startBrowser } from './browser.js';

export const PASSWORD = 'a password to test with';

/** A server with the Desk, its System Manager `manager`, and a browser. */
export interface TestDesk {
  readonly latchkey: TestApp;
  readonly browser: Browser;
  readonly manager: string;
  /** A person who has logged in as `manager` or as that user, at no address yet. */
  person(user?: string, options?: BrowserContextOptions): Promise<Person>;
  /** @returns the name. */
  newUser(fullName: string, roles?: string[]): Promise<string>;
  close(): Promise<void>;
}

/** Generate Keys, with the form as it comes, on the tab API Access of a user. The dialog with the secret opens. */
export async function generateKeys(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Generate Keys' }).click();
  await page.getByRole('dialog', { name: 'Generate Keys' }).getByRole('button', { name: 'Generate Keys' }).click();
}

/** Rotates the secret `default` without an overlap, there. */
export async function rotateAtOnce(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Rotate the secret default' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rotate the secret default' });
  await dialog.getByRole('radio', { name: 'At once' }).check();
  await dialog.getByRole('button', { name: 'Rotate' }).click();
}

export async function startDesk(database?: TestDatabase): Promise<TestDesk> {
  const latchkey = await startApp({}, database);
  const newUser = async (fullName: string, roles: string[] = []) => {
    const made = { email: newName(), fullName, roles, password: PASSWORD };
    return (await latchkey.accounts.create(OPERATOR, made)).name;
  };
  const manager = await newUser('Mara Lindqvist', ['System Manager']);
  const browser = await startBrowser();
  return {
    latchkey,
    browser,
    manager,
    newUser,
    async person(user = manager, options = {}) {
      const person = await newPerson(browser, latchkey.url, options);
      person.page.setDefaultTimeout(15_000);
      await giveSession(person, latchkey, user, PASSWORD);
      return person;
    },
    async close() {
      await browser.close();
      await latchkey.close();
    },
  };
}
