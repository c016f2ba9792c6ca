import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
import { loadConfig, parseWorkers } from '../config.js';
import { startProblem } from '../start-problem.js';
import { LatchkeyError } from '../latchkey.error.js';
import { VERSION } from '../version.js';
import { addAuditCommands } from './audit.commands.js';
import { addBenchCommands } from './bench.commands.js';
import { completionScript, type Shell, SHELLS } from './completion.js';
import { addDbCommands } from './db.commands.js';
import { addKeysCommands } from './keys.commands.js';
import { complaint, json, type Output, PROCESS_OUTPUT } from './output.js';
import { addRolesCommands } from './roles.commands.js';
import { addScopesCommands } from './scopes.commands.js';
import { addUsageCommand } from './usage.command.js';
import { addUsersCommands } from './users.commands.js';

const EXAMPLES = `
The database is the one that DATABASE_URL names, or data/latchkey.sqlite in this folder; commands work beside a running
server. Who can run them acts as the operator. Variables come from the environment, and from the file .env of this folder
where the environment has none.

  latchkey users create user@example.com --full-name "A User" --role "System Manager"
  latchkey keys generate user@example.com
  latchkey keys revoke user@example.com`;

const COMPLETION = `
Put the line of your shell into its start file:
  bash   source <(latchkey completion bash)     ~/.bashrc
  zsh    source <(latchkey completion zsh)      ~/.zshrc, after compinit
  fish   latchkey completion fish | source      ~/.config/fish/config.fish`;

/**
 * Runs one command.
 * @param prepare done first; what it throws is a failure of the command.
 * @returns the exit code: 0, 1 for a failure, 2 for wrong usage.
 */
export async function run(argv: string[], output: Output = PROCESS_OUTPUT, prepare = () => {}): Promise<number> {
  try {
    prepare();
    await program(output).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed what it had to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    output.err(complaint(`latchkey: ${startProblem(error)}`));
    return error instanceof LatchkeyError && error.code === 'malformed' ? 2 : 1;
  }
}

function workers(text: string): number {
  try {
    return parseWorkers(text);
  } catch (error) {
    throw new InvalidArgumentError(`It ${(error as Error).message}.`);
  }
}

/** The tree of all commands. */
export function program(output: Output): Command {
  const root = new Command('latchkey')
    .description('API keys for your users')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: output.out,
      writeErr: output.err,
      outputError: (text, write) => write(complaint(text)),
    })
    .addHelpText('after', EXAMPLES);

  root
    .command('start')
    .description('start the server (configured by the environment and .env, see .env.example)')
    .option(
      '--workers <count>',
      'processes that share the port; auto: one for each core (default: WORKERS, or 1)',
      workers,
    )
    .action(async (options: { workers?: number }) => {
      const { start } = await import('../start.js');
      await start(options);
    });

  root
    .command('migrate')
    .description('bring the tables up to date; safe to repeat, and to run from several places')
    .option('--json', 'print JSON')
    .action(async (options: { json?: true }) => {
      const { LATCHKEY_ENTITIES } = await import('../entities.js');
      const { migrate } = await import('../database/migrate.js');
      const migrations = await migrate(loadConfig().database, LATCHKEY_ENTITIES);
      const text = migrations.length === 0 ? 'The tables are up to date.\n' : `Done: ${migrations.join(', ')}\n`;
      output.out(options.json ? json({ migrations }) : text);
    });

  addUsersCommands(root, output);
  addRolesCommands(root, output);
  addKeysCommands(root, output);
  addScopesCommands(root, output);
  addAuditCommands(root, output);
  addUsageCommand(root, output);
  addDbCommands(root, output);
  addBenchCommands(root, output);

  root
    .command('completion')
    .description('print a script that makes a shell complete commands and options')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', COMPLETION)
    .action((shell: Shell) => output.out(completionScript(root, shell)));
  return root;
}
