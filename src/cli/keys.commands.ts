import type { Command } from 'commander';
import type { ApiKeyRecord } from '../api-keys/api-key-rows.js';
import type { GeneratedKey } from '../api-keys/api-keys.service.js';
import { parseExpiry } from '../api-keys/expiry.js';
import type { Position } from '../users/slice.js';
import { LatchkeyError } from '../latchkey.error.js';
import { OPERATOR } from '../users/principal.js';
import { type Core, withCore } from './core.js';
import { json, type Output, table } from './output.js';

const PAGE = 100;

export function addKeysCommands(program: Command, output: Output): void {
  const { out } = output;
  const keys = program.command('keys').description('generate, revoke and list API keys');

  keys
    .command('generate <user>')
    .description('give a user a new secret, and a key if there is none yet; the old secret stops at once')
    .option('--expires <time>', 'when the secret ends, as in 2027-01-31T00:00:00Z; default: never')
    .option('--json', 'print JSON')
    .action(async (user: string, options: { expires?: string; json?: true }) => {
      const expiresAt = options.expires === undefined ? undefined : parseExpiry(options.expires);
      const key = await withCore(output, (core) => core.apiKeys.generate(OPERATOR, { user, expiresAt }));
      out(options.json ? json(toGeneratedView(key)) : toText(key));
    });

  keys
    .command('revoke <key-or-user>')
    .description('kill the secrets of a key, given by the key or by its user; the key stays reserved')
    .option('--secret <id>', 'only the secret with this id')
    .option('--json', 'print JSON')
    .action(async (keyOrUser: string, options: { secret?: string; json?: true }) => {
      const apiKey = await withCore(output, async (core) => {
        const found = await keyOf(core, keyOrUser);
        await core.apiKeys.revoke(OPERATOR, found, { secretId: options.secret });
        return found;
      });
      out(
        options.json ? json({ apiKey, revoked: options.secret ?? 'all' }) : `Revoked. ${apiKey} has stopped working.\n`,
      );
    });

  keys
    .command('list')
    .description('list all keys, newest first, with hints of their secrets')
    .option('--user <name>', 'only the key of this user')
    .option('--json', 'print JSON')
    .action(async ({ user, ...options }: { user?: string; json?: true }) => {
      const all = await withCore(output, async (core) => {
        const found: ApiKeyRecord[] = [];
        for (let after: Position | undefined, more = true; more;) {
          const { items, next } = await core.apiKeys.list(OPERATOR, { limit: PAGE, user, after });
          found.push(...items);
          after = next;
          more = next !== undefined;
        }
        return found;
      });
      out(options.json ? json(all.map(toView)) : table(all.map(toRow)));
    });
}

/** A key is named by itself, or by its user, which has an "@" or is Administrator. */
async function keyOf({ apiKeys }: Core, keyOrUser: string): Promise<string> {
  if (!keyOrUser.includes('@') && keyOrUser !== 'Administrator') return keyOrUser;
  const [key] = (await apiKeys.list(OPERATOR, { limit: 1, user: keyOrUser })).items;
  if (!key) throw new LatchkeyError('not_found', `"${keyOrUser}" has no API key.`);
  return key.apiKey;
}

function toGeneratedView({ apiKey, apiSecret, user, secretId, expiresAt }: GeneratedKey) {
  return { apiKey, apiSecret, user, secretId, expiresAt };
}

function toText({ apiKey, apiSecret, user, expiresAt }: GeneratedKey): string {
  return `The token of ${user}, shown this once${expiresAt ? `, good until ${expiresAt.toISOString()}` : ''}:

  Authorization: token ${apiKey}:${apiSecret}
`;
}

function toView({ apiKey, user, createdAt, createdBy, secrets }: ApiKeyRecord) {
  return { apiKey, user, createdAt, createdBy, secrets };
}

function toRow({ apiKey, user, secrets }: ApiKeyRecord) {
  const now = Date.now();
  const live = secrets.find(({ revokedAt, expiresAt }) => !revokedAt && (!expiresAt || expiresAt.getTime() > now));
  return {
    'API KEY': apiKey,
    USER: user,
    'LIVE SECRET': live ? `…${live.hint}` : 'none',
    MADE: live?.createdAt.toISOString() ?? '',
    BY: live?.createdBy ?? '',
    EXPIRES: live ? (live.expiresAt?.toISOString() ?? 'never') : '',
  };
}
