import { type Command, Option } from 'commander';
import { OPERATOR } from '../users/principal.js';
import type { UserRecord } from '../users/user-rows.js';
import { askPassword } from './ask-password.js';
import { changeAsRead } from './as-read.js';
import { type Core, withCore } from './core.js';
import { keyOfUser } from './find-key.js';
import { atLeastOne, collect, pages, writeList } from './list.js';
import { fields, json, type Output } from './output.js';
import { addUserRolesCommand } from './user-roles.commands.js';

interface UserFilter {
  readonly search?: string;
  readonly role?: string;
  readonly enabled?: true;
  readonly disabled?: true;
  readonly limit?: number;
  readonly json?: true;
}

export function addUsersCommands(program: Command, output: Output): void {
  const { out } = output;
  const users = program.command('users').description('make, list, show, change and delete users');

  users
    .command('create <email>')
    .description('make a user; the name is the e-mail in lower case')
    .requiredOption('--full-name <name>', 'the full name (needed)')
    .option('--role <role>', 'a role to hold, as in --role "System Manager"; can be repeated', collect)
    .option('--disabled', 'cannot authenticate until enabled')
    .option('--json', 'print JSON')
    .action(async (email: string, options: { fullName: string; role?: string[]; disabled?: true; json?: true }) => {
      const { fullName, role: roles, disabled } = options;
      const user = await withCore(
        output,
        (core) => core.users.create(OPERATOR, { email, fullName, roles, enabled: !disabled }),
        { make: true },
      );
      out(options.json ? json(toView(user)) : `Made the user ${user.name}.\n`);
    });

  users
    .command('list')
    .description('list all users, newest first, or those who meet all conditions')
    .option('--search <prefix>', 'with which the e-mail or a word of the full name begins, in any letter case')
    .option('--role <role>', 'who hold this role')
    .addOption(new Option('--enabled', 'who can authenticate').conflicts('disabled'))
    .addOption(new Option('--disabled', 'who cannot'))
    .option('--limit <n>', 'stop after so many; default: all', atLeastOne)
    .option('--json', 'print JSON')
    .action(({ search, role, limit, json: asJson, ...state }: UserFilter) => {
      const enabled = state.enabled ?? (state.disabled && false);
      return withCore(output, (core) => {
        const list = pages((page) => core.users.list(OPERATOR, { ...page, search, role, enabled }), limit);
        return writeList(output, list, { json: asJson, view: toView, row: toRow });
      });
    });

  users
    .command('show <name>')
    .description('show one user')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { json?: true }) => {
      const user = await withCore(output, (core) => core.users.find(OPERATOR, name));
      out(options.json ? json(toView(user)) : fields(toDetails(user)));
    });

  addUserRolesCommand(users, output);

  for (const [verb, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    users
      .command(`${verb} <name>`)
      .description(
        enabled ? 'let the user authenticate again' : 'refuse the user from the next request on; keeps the key',
      )
      .option('--json', 'print JSON')
      .action(async (name: string, options: { json?: true }) => {
        const user = await withCore(output, (core) => core.users.update(OPERATOR, name, { enabled }));
        out(options.json ? json(toView(user)) : `The user ${user.name} is ${verb}d.\n`);
      });
  }

  users
    .command('password <name>')
    .description('set a password, read from the terminal or from stdin; ends all sessions of that user')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { json?: true }) => {
      const user = await setPassword(output, name);
      out(options.json ? json(toView(user)) : `Set the password of ${user.name}.\n`);
    });

  users
    .command('delete <name>')
    .description('delete a user for good, with roles and secrets, without asking; the key stays reserved')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { json?: true }) => {
      const deleted = await withCore(output, (core) => deleteUser(core, name));
      out(options.json ? json(deleted) : toDeletedText(deleted));
    });
}

/** Shared with `bench set-admin-password`. */
export function setPassword(output: Output, typed: string): Promise<UserRecord> {
  const set = async ({ accounts, users }: Core) => {
    const { name } = await users.find(OPERATOR, typed); // before anybody types
    return accounts.update(OPERATOR, name, { password: await askPassword(name) });
  };
  return withCore(output, set, { make: true });
}

/** What died, exactly: what changes between the look and the deletion makes it look again. */
function deleteUser(core: Core, typed: string): Promise<DeletedUser> {
  return changeAsRead(core, typed, async ({ name, roles }, condition) => {
    const key = await keyOfUser(core, name);
    await core.users.delete(OPERATOR, name, condition);
    return { name, roles, apiKey: key?.apiKey ?? null, secrets: key?.secrets.map(({ id }) => id) ?? [] };
  });
}

interface DeletedUser {
  readonly name: string;
  readonly roles: readonly string[];
  readonly apiKey: string | null;
  /** Ids. */
  readonly secrets: readonly string[];
}

function toDeletedText({ name, roles, apiKey, secrets }: DeletedUser): string {
  const key = apiKey ? `its secrets (${secrets.length}); the key ${apiKey} stays reserved` : 'no secret, having no key';
  return `Deleted the user ${name}, with its roles (${roles.join(', ') || 'none'}) and ${key}.\n`;
}

/** The same as by REST, less the key, which `keys show` tells of. */
function toView({ id, name, fullName, enabled, roles, createdAt, updatedAt }: UserRecord) {
  const email = name.includes('@') ? name : null;
  return { id, name, email, fullName, enabled, roles, createdAt, updatedAt };
}

function toRow({ name, fullName, enabled, roles }: UserRecord) {
  return { NAME: name, 'FULL NAME': fullName, ENABLED: enabled ? 'yes' : 'no', ROLES: roles.join(', ') };
}

function toDetails({ id, name, fullName, enabled, roles, createdAt, updatedAt }: UserRecord) {
  return {
    Name: name,
    'Full name': fullName,
    Enabled: enabled ? 'yes' : 'no',
    Roles: roles.join(', ') || 'none',
    Made: createdAt.toISOString(),
    Changed: updatedAt.toISOString(),
    Id: id,
  };
}
