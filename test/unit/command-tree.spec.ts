import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { spawnSync } from 'node:child_process';
import { completionScript, type Shell, SHELLS } from '../../src/cli/completion.js';
import { program, run } from '../../src/cli/run.js';

const SILENT = { out: () => undefined, err: () => undefined };
const tree = program(SILENT);

function pathsOf(command: Command, path: string[] = []): [string[], Command][] {
  return [[path, command], ...command.commands.flatMap((child) => pathsOf(child, [...path, child.name()]))];
}
const all = pathsOf(tree);

describe('every command', () => {
  it.each(all)('%j --help describes it and its options', async (path, command) => {
    let help = '';
    expect(await run([...path, '--help'], { out: (text) => (help += text), err: () => undefined })).toBe(0);
    expect(help.replaceAll(/\s+/g, ' ')).toContain(command.description());
    for (const text of [command.description(), ...command.options.map(({ description }) => description)]) {
      expect(text).not.toBe('');
    }
  });

  it.each(all)('%j --nope is wrong usage', async (path) => {
    let said = '';
    expect(await run([...path, '--nope'], { out: () => undefined, err: (text) => (said += text) })).toBe(2);
    expect(said).toMatch(/^error: (unknown option|required option)/);
  });
});

describe('completion', () => {
  /** What bash proposes for a line that the cursor is at the end of. */
  const proposed = (line: string) => {
    const words = line.split(' ').map((word) => `'${word}'`);
    const script = `set -u
${completionScript(tree, 'bash')}
COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _latchkey
complete -p latchkey
echo "\${COMPREPLY[*]-}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const [registered, replies] = stdout.split('\n');
    expect(registered).toBe('complete -F _latchkey latchkey');
    return replies;
  };

  it.each([
    ['latchkey us', 'users usage'],
    ['latchkey keys ', 'generate edit revoke secrets rotations list show help -h --help'],
    ['latchkey keys re', 'revoke'],
    ['latchkey keys list --', '--user --limit --json --help'],
    ['latchkey keys list --limit 5 --j', '--json'],
    ['latchkey keys list --user ', ''],
    ['latchkey keys list --user keys --l', '--limit'],
    ['latchkey users roles keys --a', '--add'],
    ['latchkey bench --site x ex', 'execute'],
    ['latchkey completion ', 'bash zsh fish -h --help'],
    [
      'latchkey nope ',
      'start migrate users roles keys scopes audit usage doctor db bench completion help -V --version -h --help',
    ],
    ['latchkey x', ''],
  ])('%s', (line, replies) => {
    expect(proposed(line)).toBe(replies);
  });

  it.each(all)('knows all of %j', (path, command) => {
    const words = proposed(['latchkey', ...path, ''].join(' '))!.split(' ');
    expect(words).toEqual(
      expect.arrayContaining([
        ...command.commands.map((child) => child.name()),
        ...command.options.map(({ long }) => long!),
      ]),
    );
  });

  const has = (shell: Shell) => spawnSync(shell, ['--version']).status === 0;
  it.each(SHELLS.filter(has))('%s can read its script', (shell) => {
    const { status, stderr } = spawnSync(shell, ['-n'], { input: completionScript(tree, shell), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('has nothing in it that would need more than quotes', () => {
    for (const [path, command] of all) {
      for (const word of [...path, ...command.options.flatMap(({ short, long }) => [short ?? '', long ?? ''])]) {
        expect(word).toMatch(/^[A-Za-z-]*$/);
      }
    }
  });
});
