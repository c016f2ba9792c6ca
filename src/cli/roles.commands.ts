import type { Command } from 'commander';
import { OPERATOR } from '../users/principal.js';
import { withCore } from './core.js';
import { writeList } from './list.js';
import { json, type Output } from './output.js';

export function addRolesCommands(program: Command, output: Output): void {
  const { out } = output;
  const roles = program
    .command('roles')
    .description('list, make and delete roles; who holds them is a matter of "users roles"');

  roles
    .command('list')
    .description('list all roles by name')
    .option('--json', 'print JSON')
    .action((options: { json?: true }) =>
      withCore(output, ({ roles: service }) => {
        const onePage = async function* () {
          yield await service.list(OPERATOR);
        };
        const shape = { view: (name: string) => ({ name }), row: (name: string) => ({ ROLE: name }) };
        return writeList(output, onePage(), { ...options, ...shape });
      }),
    );

  roles
    .command('add <name>')
    .description('make a role that users can be given')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { json?: true }) => {
      await withCore(output, (core) => core.roles.create(OPERATOR, name), { make: true });
      out(options.json ? json({ name }) : `Made the role ${name}.\n`);
    });

  roles
    .command('remove <name>')
    .description('delete a role that nobody holds')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { json?: true }) => {
      await withCore(output, (core) => core.roles.delete(OPERATOR, name));
      out(options.json ? json({ name }) : `Deleted the role ${name}.\n`);
    });
}
