import type { Command } from 'commander';
import { LatchkeyError } from '../latchkey.error.js';
import { OPERATOR } from '../users/principal.js';
import { ADMINISTRATOR } from '../users/user-name.js';
import { withCore } from './core.js';
import { json, type Output } from './output.js';
import { setPassword } from './users.commands.js';
import { parseArgs, parseKwargs } from './python-arguments.js';

const GENERATE_KEYS = ['frappe.core.doctype.user.user.generate_keys', 'frappe.core.doctype.user.user'];

const EXAMPLES = `
The two methods it knows are one, generating keys:
  bench execute frappe.core.doctype.user.user.generate_keys --args "['user@example.com']"
  bench execute frappe.core.doctype.user.user --kwargs '{"user": "user@example.com"}'

Prints one line of JSON: {"api_key":…,"api_secret":…}. The secret is shown this once; the old one stops at once.`;

export function addBenchCommands(program: Command, output: Output): void {
  const { out } = output;
  const bench = program
    .command('bench')
    .description("Frappe's command line, as far as keys need it")
    .option('--site <name>', 'accepted and ignored: there is one site');

  bench
    .command('execute <method>')
    .description('run a method by its dotted path')
    .option('--args <list>', `arguments, as in "['user@example.com']"`)
    .option('--kwargs <dict>', `arguments by name, as in '{"user": "user@example.com"}'`)
    .option('--site <name>', 'accepted and ignored: there is one site')
    .option('--json', 'accepted: the output is JSON in any case')
    .addHelpText('after', EXAMPLES)
    .action(async (method: string, { args, kwargs }: { args?: string; kwargs?: string }) => {
      if (!GENERATE_KEYS.includes(method)) {
        throw new LatchkeyError('not_found', `"${method}" is not known here; bench execute knows ${GENERATE_KEYS[0]}.`);
      }
      const user = userOf(args, kwargs);
      const { apiKey, apiSecret } = await withCore(output, (core) => core.apiKeys.generate(OPERATOR, { user }), {
        make: true,
      });
      out(json({ api_key: apiKey, api_secret: apiSecret }));
    });

  bench
    .command('set-admin-password')
    .description("set Administrator's password, read from the terminal or from stdin; ends all its sessions")
    .argument('[nothing]', 'a password is not taken from here: every user of the machine can read it')
    .option('--site <name>', 'accepted and ignored: there is one site')
    .option('--logout-all-sessions', 'accepted: they end in any case')
    .option('--json', 'print JSON')
    .action(async (argument: string | undefined, options: { json?: true }) => {
      if (argument !== undefined) {
        const message =
          'A password on the command line can be read by others. Leave it out, and type it or pipe it in.';
        throw new LatchkeyError('malformed', message);
      }
      const { name } = await setPassword(output, ADMINISTRATOR);
      out(options.json ? json({ user: name }) : `Set the password of ${name}.\n`);
    });
}

/** The one argument of generate_keys. */
function userOf(args: string | undefined, kwargs: string | undefined): string {
  const positional = args === undefined ? [] : parseArgs(args);
  const { user = positional[0], ...others } = kwargs === undefined ? {} : parseKwargs(kwargs);
  const count =
    positional.length + Object.keys(others).length + (kwargs === undefined || user === positional[0] ? 0 : 1);
  if (user === undefined || count !== 1) {
    throw new LatchkeyError(
      'malformed',
      `generate_keys takes one argument: the user, as in --args "['user@example.com']".`,
    );
  }
  return user;
}
