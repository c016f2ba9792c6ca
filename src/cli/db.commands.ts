import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import { json, type Output } from './output.js';

export function addDbCommands(program: Command, { out }: Output): void {
  const db = program.command('db').description('look after the database');

  db.command('check')
    .description('check whether the database is fit for use, and say what to do; changes nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code 0 when all is well, 1 when there is a problem. Needs no tables, and makes none.')
    .action(async (options: { json?: true }) => {
      const { checkDatabase } = await import('../database/check.js');
      const checks = await checkDatabase(loadConfig().database);
      const problems = checks.filter(({ ok }) => !ok).length;
      const lines = checks.map(
        ({ check, ok, message }) => `${(ok ? 'ok' : 'problem').padEnd(9)}${check.padEnd(12)}${message}\n`,
      );
      out(options.json ? json({ ok: problems === 0, checks }) : lines.join(''));
      if (problems > 0) throw new Error(`The database has ${problems === 1 ? 'a problem' : `${problems} problems`}.`);
    });
}
