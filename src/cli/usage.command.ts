import { type Command, Option } from 'commander';
import { OPERATOR } from '../users/principal.js';
import type { UsageCount } from '../usage/usage.service.js';
import { withCore } from './core.js';
import { parseTime } from './duration.js';
import { findKey } from './find-key.js';
import { json, type Output, type Row, tablePrinter } from './output.js';

interface UsageArguments {
  readonly by?: 'hour' | 'day';
  readonly secret?: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

export function addUsageCommand(program: Command, output: Output): void {
  const { out } = output;
  program
    .command('usage [key-or-user]')
    .description('tell how often secrets were used: of all, or of a key, given by itself or by its user')
    .option('--secret <id>', 'of the secret with this id')
    .addOption(new Option('--by <unit>', 'a line for each').choices(['hour', 'day']).default('day'))
    .option('--from <time>', 'from the hour or day of this time: 2026-11-01T00:00:00Z, or 7d for seven days ago')
    .option('--to <time>', 'to the hour or day of this time, written in the same way')
    .option('--json', 'print JSON')
    .action(async (keyOrUser: string | undefined, { from, to, by, secret, json: asJson }: UsageArguments) => {
      const time = (name: string, text: string | undefined) => (text === undefined ? undefined : parseTime(name, text));
      const range = { by, from: time('from', from), to: time('to', to) };
      const counts = await withCore(output, async (core) => {
        const apiKey = keyOrUser === undefined ? undefined : (await findKey(core, keyOrUser)).apiKey;
        return core.usage.read(OPERATOR, { ...range, apiKey, secretId: secret });
      });
      out(asJson ? json(counts) : tablePrinter()(counts.map((count) => toRow(count, by === 'hour'))));
    });
}

function toRow({ from, accepted, limited }: UsageCount, isHour: boolean): Row {
  const at = from.toISOString();
  const begin: Row = isHour ? { HOUR: `${at.slice(0, 16)}Z` } : { DAY: at.slice(0, 10) };
  return { ...begin, ACCEPTED: String(accepted), LIMITED: String(limited) };
}
