import { type Command, Option } from 'commander';
import type { ApiKeyRecord, SecretRecord } from '../api-keys/api-key-rows.js';
import type { GeneratedKey, OwnedSecret } from '../api-keys/api-keys.service.js';
import { checkName, DEFAULT_NAME, type SecretOptions } from '../api-keys/secret-options.js';
import { LatchkeyError } from '../latchkey.error.js';
import { OPERATOR } from '../users/principal.js';
import type { UserRecord } from '../users/user-rows.js';
import { withCore } from './core.js';
import { parseEnd, parseLimit, parseOverlap } from './duration.js';
import { findKey, listKeys } from './find-key.js';
import { atLeastOne, collect, pages, writeList } from './list.js';
import { fields, json, type Output, type Row, tablePrinter } from './output.js';

const SCOPE = 'a scope that the secret has, as in reports:read; repeatable';
const NETWORK = 'a network from which the secret is good, as in 192.0.2.0/24; repeatable';
const LIMIT = 'how often it may be used, as in 100/60s or 100000/1d; repeatable';
const END = 'when it ends: 2027-01-31T00:00:00Z, 90d (from now), or never';
const REPLACED = `
What is not said is taken from the last secret of that name, also a revoked
one: scopes, networks, limits, and how long it lives. Where there was none: no
scopes, no networks, no limits, no end.`;

/** The options that say what a secret may. */
function addRights(command: Command): Command {
  return command
    .option('--scope <scope>', SCOPE, collect)
    .addOption(new Option('--unscoped', 'no scopes: all that the user may').conflicts('scope'))
    .option('--network <cidr>', NETWORK, collect)
    .addOption(new Option('--anywhere', 'no networks: good from anywhere').conflicts('network'))
    .option('--expires <end>', END)
    .option('--limit <requests/window>', LIMIT, collect)
    .addOption(new Option('--unlimited', 'no limits: as often as it is asked').conflicts('limit'));
}

export function addKeysCommands(program: Command, output: Output): void {
  const { out } = output;
  const keys = program.command('keys').description('generate, revoke, list and show API keys');

  const generate = keys
    .command('generate <user>')
    .description('give a user a new secret, and a key if there is none yet; it replaces the secret of that name')
    .option('--name <name>', 'what the secret is for (default: default)');
  addRights(generate)
    .option('--overlap <duration>', 'how long the old secret of that name stays good, as in 12h or 7d (default: 0s)')
    .addHelpText('after', REPLACED)
    .option('--json', 'print JSON')
    .action(async (user: string, { overlap, json: asJson, ...options }: GenerateOptions) => {
      const overlapSeconds = overlap === undefined ? undefined : parseOverlap(overlap);
      const secret = { ...optionsOf(options), overlapSeconds };
      const key = await withCore(output, (core) => core.apiKeys.generate(OPERATOR, { user, ...secret }), {
        make: true,
      });
      out(asJson ? json(toGeneratedView(key)) : toText(key));
    });

  const edit = keys
    .command('edit <key-or-user>')
    .description('change what a live or retiring secret may; the secret itself stays')
    .option('--name <name>', 'the secret with this name (default: default)')
    .addOption(new Option('--secret <id>', 'the secret with this id').conflicts('name'))
    .option('--rename <name>', 'its new name');
  addRights(edit)
    .addHelpText('after', '\nWhat is not said stays. --scope, --network and --limit replace the whole list.')
    .option('--json', 'print JSON')
    .action(async (keyOrUser: string, { name, secret: id, rename, json: asJson, ...rights }: EditOptions) => {
      const changes = optionsOf({ ...rights, name: rename });
      const { apiKey, secret } = await withCore(output, async (core) => {
        const found = await findKey(core, keyOrUser);
        const { id: secretId } = chooseSecret(found, { id, name });
        return { ...found, ...(await core.apiKeys.patchSecret(OPERATOR, found.apiKey, secretId, changes)) };
      });
      out(asJson ? json({ apiKey, ...secret }) : tablePrinter()([toSecretRow(secret)]));
    });

  keys
    .command('revoke <key-or-user>')
    .description('revoke all secrets of a key, given by the key or by its user; the key stays reserved')
    .option('--name <name>', 'only the secrets with this name')
    .option('--secret <id>', 'only the secret with this id')
    .option('--json', 'print JSON')
    .action(async (keyOrUser: string, { name, secret: secretId, json: asJson }: RevokeOptions) => {
      const apiKey = await withCore(output, async (core) => {
        const found = await findKey(core, keyOrUser);
        await core.apiKeys.revoke(OPERATOR, found.apiKey, { secretId, name });
        return found.apiKey;
      });
      const one = secretId ?? name;
      const text = one === undefined ? `${apiKey} has stopped working.` : `The other secrets of ${apiKey} go on.`;
      out(asJson ? json({ apiKey, revoked: one ?? 'all' }) : `Revoked. ${text}\n`);
    });

  keys
    .command('secrets <key-or-user>')
    .description('list the secrets of a key, newest first: what each may, and who last used it')
    .option('--json', 'print JSON')
    .action(async (keyOrUser: string, options: { json?: true }) => {
      const { secrets } = await withCore(output, (core) => findKey(core, keyOrUser));
      const onePage = async function* () {
        if (secrets.length > 0) yield [...secrets];
      };
      await writeList(output, onePage(), { ...options, view: (secret) => secret, row: toSecretRow });
    });

  keys
    .command('rotations')
    .description('list the retiring secrets of all keys: replaced, and good until they end; the first to end is first')
    .option('--limit <n>', 'stop after so many; default: all', atLeastOne)
    .option('--json', 'print JSON')
    .action(({ limit, ...options }: { limit?: number; json?: true }) =>
      withCore(output, ({ apiKeys }) => {
        const list = pages((page) => apiKeys.listSecrets(OPERATOR, { ...page, state: 'retiring' }), limit);
        const row = (secret: OwnedSecret) => ({ USER: secret.user, 'API KEY': secret.apiKey, ...toSecretRow(secret) });
        return writeList(output, list, { ...options, view: (secret) => secret, row });
      }),
    );

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

interface SecretArguments {
  readonly name?: string;
  readonly scope?: string[];
  readonly unscoped?: true;
  readonly network?: string[];
  readonly anywhere?: true;
  readonly expires?: string;
  readonly limit?: string[];
  readonly unlimited?: true;
}
type GenerateOptions = SecretArguments & { readonly overlap?: string; readonly json?: true };
type EditOptions = SecretArguments & {
  readonly secret?: string;
  readonly rename?: string;
  readonly json?: true;
};
type RevokeOptions = { readonly name?: string; readonly secret?: string; readonly json?: true };

function optionsOf({ limit, unlimited, ...given }: SecretArguments): SecretOptions {
  const { name, scope, unscoped, network, anywhere, expires } = given;
  return {
    name,
    limits: unlimited ? null : limit?.map((text) => parseLimit(text)),
    scopes: unscoped ? null : scope,
    allowedNetworks: anywhere ? null : network,
    expiresAt: expires === undefined ? undefined : parseEnd(expires),
  };
}

/** The secret with that id, or the current one of that name. @throws LatchkeyError `not_found`. */
function chooseSecret({ secrets }: ApiKeyRecord, { id, name: typed = DEFAULT_NAME }: { id?: string; name?: string }) {
  const name = checkName(typed);
  const found =
    id === undefined
      ? (secrets.find((secret) => secret.name === name && secret.state === 'live') ??
        secrets.find((secret) => secret.name === name))
      : secrets.find((secret) => secret.id === id);
  if (found) return found;
  throw new LatchkeyError('not_found', `That API key has no secret ${id ?? `with the name "${name}"`}.`);
}

function toGeneratedView(key: GeneratedKey) {
  const { revision: _, ...view } = key;
  return view;
}

function toText({ apiKey, apiSecret, user, name, expiresAt, replaced, otherNames }: GeneratedKey): string {
  const which = name === DEFAULT_NAME ? '' : ` "${name}"`;
  const end = expiresAt ? `, good until ${expiresAt.toISOString()}` : '';
  const retires = replaced && replaced.expiresAt.getTime() > Date.now();
  return [
    `The token${which} of ${user}, shown this once${end}:`,
    `  Authorization: token ${apiKey}:${apiSecret}`,
    ...(retires ? [`The old one (…${replaced.hint}) is good until ${replaced.expiresAt.toISOString()}.`] : []),
    ...(otherNames.length > 0 ? [`Secrets with other names go on: ${otherNames.join(', ')}.`] : []),
  ]
    .join('\n\n')
    .concat('\n');
}

function toSecretRow(secret: SecretRecord): Row {
  const { name, hint, state, scopes, allowedNetworks, limits, expiresAt, lastUsedAt, lastUsedFrom } = secret;
  return {
    NAME: name,
    HINT: `…${hint}`,
    STATE: state,
    SCOPES: scopes ? scopes.join(' ') || 'none' : 'all',
    NETWORKS: allowedNetworks?.join(' ') ?? 'all',
    LIMITS: limits?.map(({ requests, seconds }) => `${requests}/${seconds}s`).join(' ') ?? 'none',
    EXPIRES: expiresAt?.toISOString() ?? 'never',
    'LAST USED': lastUsedAt?.toISOString() ?? 'never',
    FROM: lastUsedFrom ? `${lastUsedFrom.address} ${lastUsedFrom.userAgent ?? ''}`.trim() : '',
    SECRET: secret.id,
  };
}

/** The same as by REST. */
function toView({ apiKey, user, createdAt, createdBy, lastUsedAt, secrets }: ApiKeyRecord) {
  return { apiKey, user, createdAt, createdBy, lastUsedAt, secrets };
}

function toRow({ apiKey, user, secrets }: ApiKeyRecord) {
  const alive = secrets.filter(({ state }) => state === 'live' || state === 'retiring');
  const live = alive.find(({ state }) => state === 'live') ?? alive[0];
  const more = alive.length > 1 ? ` and ${alive.length - 1} more` : '';
  return {
    'API KEY': apiKey,
    USER: user,
    'LIVE SECRET': live ? `…${live.hint}${more}` : 'none',
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
    NAME: secret.name,
    HINT: `…${secret.hint}`,
    STATE: secret.state,
    MADE: secret.createdAt.toISOString(),
    BY: secret.createdBy,
    EXPIRES: secret.expiresAt?.toISOString() ?? 'never',
    REVOKED: secret.revokedAt?.toISOString() ?? '',
    'LAST USED': secret.lastUsedAt?.toISOString() ?? '',
  }));
  return `${about}\n${rows.length === 0 ? 'No secret is kept.\n' : tablePrinter()(rows)}`;
}
