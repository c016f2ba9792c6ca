import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { INestApplicationContext } from '@nestjs/common';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { DEFAULT_DATABASE_URL, parseDatabaseUrl } from '../database/database-url.js';
import { isFile } from '../database/engines/engine.js';
import { AccountsService } from '../sessions/accounts.service.js';
import { makeOneTimePassword } from '../sessions/session-secret.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { OPERATOR } from '../users/principal.js';
import { ADMINISTRATOR } from '../users/user-name.js';

const LIFETIME_MS = 24 * 60 * 60 * 1000;

/** Gives Administrator that password, while there is none. */
export async function setFirstPassword(app: INestApplicationContext, password: string): Promise<void> {
  const { hasPassword } = await app.get(SessionsService).passwordState(ADMINISTRATOR);
  if (!hasPassword) await app.get(AccountsService).update(OPERATOR, ADMINISTRATOR, { password });
}

/**
 * While Administrator has no key, makes one whose secret lives 24 hours; while there is no password that was chosen, a
 * one-time password that lives as long.
 * @returns a text for the terminal that shows how to use them; undefined when there is neither to make.
 */
export async function firstStartText(
  app: INestApplicationContext,
  url: string,
  databaseUrl: string,
): Promise<string | undefined> {
  const parts = [await logInPart(app, url), await tokenPart(app, url, databaseUrl)].filter(
    (part) => part !== undefined,
  );
  if (parts.length === 0) return undefined;
  return `\nLatchkey is ready. What follows is shown once, and good for 24 hours.\n${parts.join('')}\n`;
}

/** Where no secret is shown, how to make one: a sentence for each way in that nobody has yet. */
export async function waysIn(app: INestApplicationContext, databaseUrl: string): Promise<string[]> {
  const command = commandLine(databaseUrl);
  const { hasPassword } = await app.get(SessionsService).passwordState(ADMINISTRATOR);
  const { items: keys } = await app.get(ApiKeysService).list(OPERATOR, { limit: 1 });
  return [
    ...(hasPassword ? [] : [`Administrator has no password. Set one${command} users password Administrator`]),
    ...(keys.length > 0 ? [] : [`There is no token yet. Make the first${command} keys generate Administrator`]),
  ];
}

const CLI = fileURLToPath(new URL('../cli/main.js', import.meta.url));

function commandLine(databaseUrl: string): string {
  const fromHere = relative(process.cwd(), CLI);
  const path = fromHere.startsWith('..') ? CLI : fromHere;
  const how = isFile(parseDatabaseUrl(databaseUrl)) ? '' : ' and with its DATABASE_URL';
  return `, where the server runs${how}: ${databaseVariable(databaseUrl)}node ${quoted(path)}`;
}

async function logInPart(app: INestApplicationContext, url: string): Promise<string | undefined> {
  const { hasPassword, isOneTime } = await app.get(SessionsService).passwordState(ADMINISTRATOR);
  // Who has started the server again without having logged in has lost the password of the first start.
  if (hasPassword && !isOneTime) return undefined;
  const password = makeOneTimePassword();
  const oneTimeUntil = new Date(Date.now() + LIFETIME_MS);
  await app.get(AccountsService).update(OPERATOR, ADMINISTRATOR, { password, oneTimeUntil });
  return `
In a browser, ${url}/app; there you choose a password of your own:

  user: Administrator   one-time password: ${password}
`;
}

async function tokenPart(app: INestApplicationContext, url: string, databaseUrl: string): Promise<string | undefined> {
  const apiKeys = app.get(ApiKeysService);
  const { items } = await apiKeys.list(OPERATOR, { limit: 1, user: ADMINISTRATOR });
  if (items.length > 0) return undefined;
  const expiresAt = new Date(Date.now() + LIFETIME_MS);
  const { apiKey, apiSecret } = await apiKeys.generate(OPERATOR, { user: ADMINISTRATOR, expiresAt });
  return `
On the command line, with a token of Administrator:

  curl -H 'Authorization: token ${apiKey}:${apiSecret}' ${url}/api/method/frappe.auth.get_logged_user

One that lasts, in place of it; in the project's folder, with the same DATABASE_URL as this server:

  ${databaseVariable(databaseUrl)}npx bench execute frappe.core.doctype.user.user.generate_keys --args "['Administrator']"
`;
}

/** What a new shell needs to find the same database; nothing for the default, and nothing that holds a password. */
function databaseVariable(url: string): string {
  return isFile(parseDatabaseUrl(url)) && url !== DEFAULT_DATABASE_URL ? `DATABASE_URL=${quoted(url)} ` : '';
}

/** As one word of a shell. */
function quoted(text: string): string {
  return /^[\w/.:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
