import { type Command, Option } from 'commander';
import { invalid, LatchkeyError } from '../latchkey.error.js';
import { OPERATOR } from '../users/principal.js';
import type { UserRecord } from '../users/user-rows.js';
import { changeAsRead } from './as-read.js';
import { type Core, withCore } from './core.js';
import { collect } from './list.js';
import { json, type Output } from './output.js';

interface Wish {
  readonly set?: string[];
  readonly add?: string[];
  readonly remove?: string[];
}

export function addUserRolesCommand(users: Command, output: Output): void {
  users
    .command('roles <name>')
    .description('show the roles of a user, or change them; what others change at the same time stays')
    .addOption(
      new Option('--set <role>', 'hold this role and no other; can be repeated')
        .argParser(collect)
        .conflicts(['add', 'remove']),
    )
    .option('--add <role>', 'hold this role too; can be repeated', collect)
    .option('--remove <role>', 'hold this role no more; can be repeated', collect)
    .option('--json', 'print JSON')
    .action(async (typed: string, { json: asJson, ...wish }: Wish & { json?: true }) => {
      const both = wish.add?.find((role) => wish.remove?.includes(role));
      if (both !== undefined) throw new LatchkeyError('malformed', `--add and --remove both name "${both}".`);
      const { name, roles } = await withCore(output, (core) => userAfter(core, typed, wish));
      output.out(asJson ? json({ name, roles }) : `${roles.join('\n') || 'None.'}\n`);
    });
}

async function userAfter(core: Core, name: string, { set, add = [], remove = [] }: Wish): Promise<UserRecord> {
  if (set) return core.users.update(OPERATOR, name, { roles: set });
  if (add.length + remove.length === 0) return core.users.find(OPERATOR, name);
  // A role that was misspelled would seem to have been taken away.
  const known = remove.length > 0 ? await core.roles.list(OPERATOR) : [];
  const unknown = remove.filter((role) => !known.includes(role));
  if (unknown.length > 0) throw invalid('roles', 'unknown_role', `There is no role "${unknown.join('", "')}".`);
  return changeAsRead(core, name, async (user, condition) => {
    const roles = [...user.roles, ...add].filter((role) => !remove.includes(role));
    return core.users.update(OPERATOR, name, { roles }, condition);
  });
}
