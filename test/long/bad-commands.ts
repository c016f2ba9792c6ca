import { BAD_LIMIT_TEXTS, BAD_NETWORKS, BAD_SCOPES, BAD_TIMES, MEGABYTE, TEXTS } from './bad-values.js';

/** A command line, and whether it is refused or harmless. */
export interface BadCommand {
  readonly argv: readonly string[];
  readonly expected: 'refused' | 'harmless';
}

const GENERATE = 'frappe.core.doctype.user.user.generate_keys';

/** Commands as they are meant, whose names and values are of nobody and nothing; and the options that each has. */
const COMMANDS: readonly { readonly argv: readonly string[]; readonly options: readonly string[] }[] = [
  { argv: ['migrate'], options: [] },
  { argv: ['users', 'create', 'nobody@', '--full-name', 'No Body'], options: ['--full-name', '--role'] },
  { argv: ['users', 'list'], options: [] },
  { argv: ['users', 'enable', 'nobody@example.com'], options: [] },
  { argv: ['users', 'disable', 'nobody@example.com'], options: [] },
  {
    argv: ['keys', 'generate', 'nobody@example.com'],
    options: ['--name', '--scope', '--network', '--limit', '--expires', '--overlap'],
  },
  {
    argv: ['keys', 'edit', 'nobody@example.com'],
    options: ['--name', '--secret', '--rename', '--scope', '--network', '--limit'],
  },
  { argv: ['keys', 'revoke', 'nobody@example.com'], options: ['--name', '--secret'] },
  { argv: ['keys', 'secrets', 'nobody@example.com'], options: [] },
  { argv: ['keys', 'rotations'], options: ['--limit'] },
  { argv: ['scopes', 'list'], options: [] },
  { argv: ['scopes', 'add', 'NO SCOPE', 'No Scope'], options: [] },
  { argv: ['scopes', 'remove', 'no:such:scope'], options: [] },
  { argv: ['keys', 'list'], options: ['--user'] },
  { argv: ['bench', 'execute', GENERATE], options: ['--args', '--kwargs', '--site'] },
];

const texts = [...TEXTS, MEGABYTE];
/** A name is taken in any letter case, with blanks around it. */
const namesNobody = (text: string) => text.trim().toLowerCase() !== 'administrator';
const PYTHON = [
  ['[', ']', '[]', '()', '[[]]', "['a'", "'a']", "['a', 'b']", "[['a']]", '[None]', '[1]', "{'a': 1}", "['a'] + ['b']"],
  ["__import__('os').system('x')", "['\\x41']", 'lambda: 0', "f'{x}'", "b'a'", '"""a"""', "[u'a']", '[,]', "['a',,]"],
  [`${'['.repeat(50_000)}`, `[${"'a',".repeat(50_000)}]`, `['${MEGABYTE}']`, "['a\0b']", "['\ud800']"],
].flat();
const KWARGS = [
  [
    '{',
    '}',
    '{}',
    '{a}',
    '{:}',
    '{user}',
    '{"user"}',
    '{"user":}',
    '{"user": null}',
    '{"user": ["a"]}',
    '{"user": {}}',
  ],
  [
    '{"__proto__": "a"}',
    '{"user": "a", "__proto__": "b"}',
    '{"constructor": "a"}',
    '{"toString": "a"}',
    '{"nope": "a"}',
  ],
  [
    '{"user": "a", "user": "b", "x": "c"}',
    '[]',
    '5',
    `{"user": "${MEGABYTE}"}`,
    `{${'"a":"b",'.repeat(50_000)}}`,
    '{"user": "a\0"}',
  ],
].flat();

/** For a server whose `victim` has a key, and nobody of the names above. */
export function badCommands(victim: string): BadCommand[] {
  const refused = (...argv: string[]): BadCommand => ({ argv, expected: 'refused' });
  const harmless = (...argv: string[]): BadCommand => ({ argv, expected: 'harmless' });
  const groups = ['users', 'keys', 'scopes', 'bench'];
  return [
    refused(),
    ...groups.map((group) => refused(group)),
    ...texts.flatMap((text) => [[], ...groups.map((group) => [group])].map((before) => refused(...before, text))),
    ...COMMANDS.flatMap(({ argv, options }) => [
      refused(...argv, '--nope'),
      refused(...argv, '-z'),
      refused(...argv, '--no-json'),
      refused(...argv, '--json=x'),
      refused(...argv, '--__proto__', 'x'),
      refused(...argv, '--constructor=x'),
      refused(...argv, `--${MEGABYTE}`),
      refused(...argv, 'one', 'too', 'many'),
      refused(...argv, '--', '--json'),
      ...options.map((option) => refused(...argv, option)),
      harmless(...argv.slice(0, 2), '--help'),
    ]),
    ...texts
      .filter(namesNobody)
      .flatMap((text) => [
        refused('users', 'enable', text),
        refused('keys', 'generate', text),
        refused('keys', 'revoke', text),
        refused('keys', 'edit', text),
        refused('keys', 'secrets', text),
        refused('bench', 'execute', GENERATE, '--args', text),
      ]),
    ...texts.flatMap((text) => [
      refused('users', 'create', text, '--full-name', 'No Body'),
      refused('keys', 'revoke', victim, '--secret', text),
      refused('keys', 'generate', victim, '--expires', text),
      refused('keys', 'generate', victim, '--overlap', text),
      refused('keys', 'edit', victim, '--expires', text),
      refused('keys', 'edit', victim, '--secret', text, '--unscoped'),
      refused('keys', 'edit', victim, '--name', text, '--anywhere'),
      refused('keys', 'revoke', victim, '--name', text),
      refused('keys', 'rotations', '--limit', text),
      refused('scopes', 'remove', text),
      refused('scopes', 'add', text, ''),
      refused('users', 'create', 'new@example.com', '--full-name', 'No Body', '--role', text),
      refused('bench', 'execute', text),
      refused('bench', 'execute', GENERATE, '--kwargs', text),
    ]),
    ...texts.filter((_, i) => i % 4 === 0).map((text) => harmless('keys', 'list', '--user', text)),
    ...BAD_TIMES.flatMap((time) => [
      refused('keys', 'generate', victim, '--expires', time),
      refused('keys', 'edit', victim, '--expires', time),
    ]),
    ...[...texts, ...BAD_SCOPES].flatMap((scope) => [
      refused('keys', 'generate', victim, '--scope', scope),
      refused('keys', 'edit', victim, '--scope', 'keys:read', '--scope', scope),
    ]),
    ...[...texts, ...BAD_NETWORKS].flatMap((network) => [
      refused('keys', 'generate', victim, '--network', network),
      refused('keys', 'edit', victim, '--network', '192.0.2.1', '--network', network),
    ]),
    ...['', ' ', '\0', 'a\nb', '\u202ea', '\ud800', 'x'.repeat(61), MEGABYTE].flatMap((name) => [
      refused('keys', 'generate', victim, '--name', name),
      refused('keys', 'edit', victim, '--rename', name),
    ]),
    ...['59s', '91d', '1.5h', '1w', '60', '-1d', '1e3s', '999999999d', '٣d', '7D', '7 d'].map((overlap) =>
      refused('keys', 'generate', victim, '--overlap', overlap),
    ),
    ...[...texts, ...BAD_LIMIT_TEXTS].flatMap((limit) => [
      refused('keys', 'generate', victim, '--limit', limit),
      refused('keys', 'edit', victim, '--limit', '7/1s', '--limit', limit),
    ]),
    refused('keys', 'edit', victim, '--limit', '7/1s', '--limit', '8/1s'),
    refused('keys', 'edit', victim, '--limit', '7/1s', '--limit', '7/2s'),
    refused('keys', 'edit', victim, ...[1, 2, 3, 4, 5].flatMap((i) => ['--limit', `${i}/${i}s`])),
    refused('keys', 'edit', victim, '--limit', '7/1s', '--unlimited'),
    refused('keys', 'edit', victim, '--scope', 'keys:read', '--unscoped'),
    refused('keys', 'edit', victim, '--network', '192.0.2.1', '--anywhere'),
    refused('keys', 'edit', victim, '--name', 'default', '--secret', 'x'),
    ...['', ' ', '\0', 'a\nb', '\u202ea', '\ud800', 'x'.repeat(141), MEGABYTE].map((name) =>
      refused('users', 'create', 'new@example.com', '--full-name', name),
    ),
    ...PYTHON.map((value) => refused('bench', 'execute', GENERATE, '--args', value)),
    ...KWARGS.map((value) => refused('bench', 'execute', GENERATE, '--kwargs', value)),
    refused('bench', 'execute', GENERATE, '--args', `['${victim}']`, '--kwargs', '{"user": "nobody@example.com"}'),
    refused('start', '--nope'),
    refused('start', 'extra'),
    harmless('--help'),
    harmless('--version'),
  ];
}

/** What no shell hands to a process. */
export function fitsProcess({ argv }: BadCommand): boolean {
  return argv.every((text) => !text.includes('\0') && text.length < 100_000);
}
