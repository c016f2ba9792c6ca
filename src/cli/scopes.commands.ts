import type { Command } from 'commander';
import type { ScopeRecord } from '../api-keys/scopes.service.js';
import { OPERATOR } from '../users/principal.js';
import { withCore } from './core.js';
import { writeList } from './list.js';
import { json, type Output } from './output.js';

export function addScopesCommands(program: Command, output: Output): void {
  const { out } = output;
  const scopes = program.command('scopes').description('list, add and remove the scopes that secrets may be given');

  scopes
    .command('list')
    .description('list all scopes by name')
    .option('--json', 'print JSON')
    .action((options: { json?: true }) =>
      withCore(output, ({ scopes: service }) => {
        const onePage = async function* () {
          yield await service.list(OPERATOR);
        };
        const row = ({ name, description }: ScopeRecord) => ({ SCOPE: name, DESCRIPTION: description });
        return writeList(output, onePage(), { ...options, view: (scope) => scope, row });
      }),
    );

  scopes
    .command('add <name> <description>')
    .description('make a scope known, as in: scopes add reports:read "Read reports"')
    .option('--json', 'print JSON')
    .action(async (name: string, description: string, options: { json?: true }) => {
      const scope = await withCore(output, (core) => core.scopes.create(OPERATOR, { name, description }), {
        make: true,
      });
      out(options.json ? json(scope) : `Added the scope ${scope.name}.\n`);
    });

  scopes
    .command('remove <name>')
    .description('remove a scope that no live secret has')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { json?: true }) => {
      await withCore(output, (core) => core.scopes.delete(OPERATOR, name));
      out(options.json ? json({ name }) : `Removed the scope ${name}.\n`);
    });
}
