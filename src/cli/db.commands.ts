import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import { checkSettings, type SettingsCheck } from './check-settings.js';
import { json, type Output } from './output.js';

const EXIT_CODE = 'Exit code 0 when all is well, 1 when there is a problem. Needs no tables, and makes none.';

export function addDbCommands(program: Command, output: Output): void {
  program
    .command('doctor')
    .description('show the settings that are often wrong, and check the database; changes nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', `\n${EXIT_CODE}\nA note is for you to judge: it depends on where the server runs.`)
    .action((options: { json?: true }) => check(checkSettings(loadConfig()), options, output));

  const db = program.command('db').description('look after the database');

  db.command('check')
    .description('check whether the database is fit for use, and say what to do; changes nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', `\n${EXIT_CODE}`)
    .action((options: { json?: true }) => check([], options, output));
}

/** Prints what the settings gave and what the database gives. @throws an Error when there is a problem. */
async function check(settings: readonly SettingsCheck[], options: { json?: true }, { out }: Output): Promise<void> {
  const { checkDatabase } = await import('../database/check.js');
  const checks: SettingsCheck[] = [...settings, ...(await checkDatabase(loadConfig().database))];
  const problems = checks.filter(({ ok }) => !ok).length;
  const width = Math.max(...checks.map(({ check: name }) => name.length), 10) + 2;
  const lines = checks.map(
    ({ check: name, ok, note, message }) =>
      `${(note ? 'note' : ok ? 'ok' : 'problem').padEnd(9)}${name.padEnd(width)}${message}\n`,
  );
  out(options.json ? json({ ok: problems === 0, checks }) : lines.join(''));
  if (problems > 0) throw new Error(`The database has ${problems === 1 ? 'a problem' : `${problems} problems`}.`);
}
