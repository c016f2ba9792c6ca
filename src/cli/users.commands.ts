import type { Command } from 'commander';
import type { Position } from '../users/slice.js';
import { OPERATOR } from '../users/principal.js';
import type { UserRecord } from '../users/user-rows.js';
import { withCore } from './core.js';
import { json, type Output, table } from './output.js';

const PAGE = 100;

export function addUsersCommands(program: Command, output: Output): void {
  const { out } = output;
  const users = program.command('users').description('make, list, enable and disable users');

  users
    .command('create <email>')
    .description('make a user; the name is the e-mail in lower case')
    .requiredOption('--full-name <name>', 'the full name (needed)')
    .option('--role <role>', 'a role to hold, as in --role "System Manager"; can be repeated', collect)
    .option('--disabled', 'cannot authenticate until enabled')
    .option('--json', 'print JSON')
    .action(async (email: string, options: { fullName: string; role?: string[]; disabled?: true; json?: true }) => {
      const { fullName, role: roles, disabled } = options;
      const user = await withCore(output, (core) =>
        core.users.create(OPERATOR, { email, fullName, roles, enabled: !disabled }),
      );
      out(options.json ? json(toView(user)) : `Made the user ${user.name}.\n`);
    });

  users
    .command('list')
    .description('list all users, newest first')
    .option('--json', 'print JSON')
    .action(async (options: { json?: true }) => {
      const all = await withCore(output, async (core) => {
        const found: UserRecord[] = [];
        for (let after: Position | undefined, more = true; more;) {
          const { items, next } = await core.users.list(OPERATOR, { limit: PAGE, after });
          found.push(...items);
          after = next;
          more = next !== undefined;
        }
        return found;
      });
      out(options.json ? json(all.map(toView)) : table(all.map(toRow)));
    });

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
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

function toView({ id, name, fullName, enabled, roles, createdAt }: UserRecord) {
  return { id, name, fullName, enabled, roles, createdAt };
}

function toRow({ name, fullName, enabled, roles }: UserRecord) {
  return { NAME: name, 'FULL NAME': fullName, ENABLED: enabled ? 'yes' : 'no', ROLES: roles.join(', ') };
}
