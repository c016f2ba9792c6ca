import type { Command } from 'commander';
import type { ApiKeyRecord, SecretRecord } from '../api-keys/api-key-rows.js';
import type { GeneratedKey } from '../api-keys/api-keys.service.js';
import { parseExpiry } from '../api-keys/expiry.js';
import { OPERATOR } from '../users/principal.js';
import type { UserRecord } from '../users/user-rows.js';
import { withCore } from './core.js';
import { findKey, listKeys } from './find-key.js';
import { atLeastOne, writeList } from './list.js';
import { fields, json, type Output, tablePrinter } from './output.js';

export function addKeysCommands(program: Command, output: Output): void {
  const { out } = output;
  const keys = program.command('keys').description('generate, revoke, list and show API keys');

  keys
    .command('generate <user>')
    .description('give a user a new secret, and a key if there is none yet; the old secret stops at once')
    .option('--expires <time>', 'when the secret ends, as in 2027-01-31T00:00:00Z; default: never')
    .option('--json', 'print JSON')
    .action(async (user: string, options: { expires?: string; json?: true }) => {
      const expiresAt = options.expires === undefined ? undefined : parseExpiry(options.expires);
      const key = await withCore(output, (core) => core.apiKeys.generate(OPERATOR, { user, expiresAt }), {
        make: true,
      });
      out(options.json ? json(toGeneratedView(key)) : toText(key));
    });

  keys
    .command('revoke <key-or-user>')
    .description('kill the secrets of a key, given by the key or by its user; the key stays reserved')
    .option('--secret <id>', 'only the secret with this id')
    .option('--json', 'print JSON')
    .action(async (keyOrUser: string, options: { secret?: string; json?: true }) => {
      const apiKey = await withCore(output, async (core) => {
        const found = await findKey(core, keyOrUser);
        await core.apiKeys.revoke(OPERATOR, found.apiKey, { secretId: options.secret });
        return found.apiKey;
      });
      out(
        options.json ? json({ apiKey, revoked: options.secret ?? 'all' }) : `Revoked. ${apiKey} has stopped working.\n`,
      );
    });

  keys
    .command('list')
    .description('list all keys, newest first, with hints of their secrets')
    .option('--user <name>', 'only the key of this user')
    .option('--limit <n>', 'stop after so many; default: all', atLeastOne)
    .option('--json', 'print JSON')
    .action(({ json: asJson, ...filter }: { user?: string; limit?: number; json?: true }) =>
      withCore(output, (core) => writeList(output, listKeys(core, filter), { json: asJson, view: toView, row: toRow })),
    );

  keys
    .command('show <key-or-user>')
    .description('show one key, given by itself or by its user, with every secret that is kept; never a secret itself')
    .option('--json', 'print JSON')
    .action(async (keyOrUser: string, options: { json?: true }) => {
      const [key, owner] = await withCore(output, async (core) => {
        const found = await findKey(core, keyOrUser);
        return [found, await core.users.find(OPERATOR, found.user)] as const;
      });
      out(options.json ? json(toView(key)) : toDetails(key, owner));
    });
}

function toGeneratedView({ apiKey, apiSecret, user, secretId, expiresAt }: GeneratedKey) {
  return { apiKey, apiSecret, user, secretId, expiresAt };
}

function toText({ apiKey, apiSecret, user, expiresAt }: GeneratedKey): string {
  return `The token of ${user}, shown this once${expiresAt ? `, good until ${expiresAt.toISOString()}` : ''}:

  Authorization: token ${apiKey}:${apiSecret}
`;
}

/** The same as by REST. */
function toView({ apiKey, user, createdAt, createdBy, lastUsedAt, secrets }: ApiKeyRecord) {
  return { apiKey, user, createdAt, createdBy, lastUsedAt, secrets };
}

function toRow({ apiKey, user, secrets }: ApiKeyRecord) {
  const live = secrets.find((secret) => stateOf(secret) === 'live');
  return {
    'API KEY': apiKey,
    USER: user,
    'LIVE SECRET': live ? `…${live.hint}` : 'none',
    MADE: live?.createdAt.toISOString() ?? '',
    BY: live?.createdBy ?? '',
    EXPIRES: live ? (live.expiresAt?.toISOString() ?? 'never') : '',
  };
}

function toDetails({ apiKey, user, createdAt, createdBy, secrets }: ApiKeyRecord, { enabled }: UserRecord): string {
  const made = `${createdAt.toISOString()} by ${createdBy}`;
  // A live secret of a disabled user is refused all the same.
  const about = fields({ 'API key': apiKey, User: enabled ? user : `${user} (disabled)`, Made: made });
  const rows = secrets.map((secret) => ({
    SECRET: secret.id,
    HINT: `…${secret.hint}`,
    STATE: stateOf(secret),
    MADE: secret.createdAt.toISOString(),
    BY: secret.createdBy,
    EXPIRES: secret.expiresAt?.toISOString() ?? 'never',
    REVOKED: secret.revokedAt?.toISOString() ?? '',
    'LAST USED': secret.lastUsedAt?.toISOString() ?? '',
  }));
  return `${about}\n${rows.length === 0 ? 'No secret is kept.\n' : tablePrinter()(rows)}`;
}

function stateOf({ revokedAt, expiresAt }: SecretRecord): 'live' | 'revoked' | 'expired' {
  if (revokedAt) return 'revoked';
  return expiresAt && expiresAt.getTime() <= Date.now() ? 'expired' : 'live';
}
