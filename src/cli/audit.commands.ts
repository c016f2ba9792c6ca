import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AuditFilters } from '../audit/audit-search.js';
import type { AuditRecord, ChainHead } from '../audit/chain.js';
import { AUDIT_EVENTS, type AuditEvent } from '../audit/events.js';
import { OPERATOR } from '../users/principal.js';
import { withCore } from './core.js';
import { parseTime } from './duration.js';
import { atLeastOne, pages, writeList } from './list.js';
import { json, type Output } from './output.js';

const LIST_LIMIT = 100;
/** Characters of the details in the table. */
const MAX_DETAILS = 80;

interface FilterArguments {
  readonly user?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly credential?: string;
  readonly key?: string;
  readonly secret?: string;
  readonly address?: string;
  readonly event?: AuditEvent;
  readonly from?: string;
  readonly to?: string;
}

function addFilters(command: Command): Command {
  return command
    .option('--user <name>', 'rows by or about this user')
    .option('--actor <name>', 'who did it: a user, or command')
    .option('--subject <name>', 'whom or what it is about: a user, a role or a scope')
    .option('--credential <id>', 'done by the secret or session with this id')
    .option('--key <api-key>', 'about this API key')
    .option('--secret <id>', 'about the secret with this id')
    .option('--address <address>', 'done from this address')
    .addOption(new Option('--event <event>', 'what has happened').choices(AUDIT_EVENTS))
    .option('--from <time>', 'at that time or later: 2026-11-30T00:00:00Z, or 7d for seven days ago')
    .option('--to <time>', 'before that time, written in the same way');
}

function filtersOf({ key, secret, from, to, ...exact }: FilterArguments): AuditFilters {
  const time = (name: string, text: string | undefined) => (text === undefined ? undefined : parseTime(name, text));
  return { ...exact, apiKey: key, secretId: secret, from: time('from', from), to: time('to', to) };
}

export function addAuditCommands(program: Command, output: Output): void {
  const { out } = output;
  const audit = program.command('audit').description('read and verify the audit trail');

  addFilters(audit.command('list').description('list rows, newest first'))
    .option('--limit <n>', `stop after so many; default: ${LIST_LIMIT}`, atLeastOne)
    .option('--json', 'print JSON')
    .action(({ limit = LIST_LIMIT, json: asJson, ...options }: FilterArguments & { limit?: number; json?: true }) => {
      const filters = filtersOf(options);
      return withCore(output, (core) => {
        const list = pages((page) => core.audit.list(OPERATOR, { ...filters, ...page }), limit);
        return writeList(output, list, { json: asJson, view: (record) => record, row: toRow });
      });
    });

  addFilters(audit.command('export').description('print all rows that fit as NDJSON, oldest first')).action(
    (options: FilterArguments) => {
      const filters = filtersOf(options);
      return withCore(output, async (core) => {
        for await (const records of core.audit.stream(OPERATOR, filters)) out(records.map(json).join(''));
      });
    },
  );

  audit
    .command('verify')
    .description('follow the chain of hashes, and name the first row that was changed, removed, added or moved')
    .addOption(
      new Option('--head', 'only print the end of the chain, as n:hash, to be kept elsewhere').conflicts('since'),
    )
    .option('--since <n:hash>', 'prove that the trail goes on from this head, printed by --head before', parseHead)
    .option('--json', 'print JSON')
    .action(async ({ head: headOnly, since, json: asJson }: { head?: true; since?: ChainHead; json?: true }) => {
      if (headOnly) {
        const head = await withCore(output, (core) => core.audit.head());
        return out(asJson ? json(head) : `${toText(head)}\n`);
      }
      const { problem, ...found } = await withCore(output, (core) => core.audit.verify(since));
      if (asJson) out(json({ ok: !problem, ...found, problem: problem ?? null }));
      else if (!problem) out(wholeText(found, since));
      if (problem) throw new Error(`The trail is not whole. Row ${problem.n}: ${problem.message}`);
    });
}

function wholeText(
  { rows, first, head }: { rows: number; first?: number; head: ChainHead },
  since?: ChainHead,
): string {
  const from = first === undefined ? '' : ` from ${first} to ${head.n}`;
  const goesOn = since ? `, and goes on from row ${since.n}` : '';
  return `The trail is whole: ${rows} rows${from}${goesOn}. Its head is ${toText(head)}\n`;
}

function toText({ n, hash }: ChainHead): string {
  return `${n}:${hash}`;
}

function parseHead(text: string): ChainHead {
  const [, n, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (n === undefined) throw new InvalidArgumentError('A head is written n:hash, as --head prints it.');
  return { n: Number(n), hash: hash! };
}

function toRow({ n, at, event, actor, subject, address, details }: AuditRecord) {
  const text = JSON.stringify(details);
  return {
    N: String(n),
    AT: at.toISOString(),
    EVENT: event,
    ACTOR: actor,
    SUBJECT: subject ?? '',
    FROM: address ?? '',
    DETAILS: text === '{}' ? '' : text.length > MAX_DETAILS ? `${text.slice(0, MAX_DETAILS)}…` : text,
  };
}
