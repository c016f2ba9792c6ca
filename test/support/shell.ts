import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { VARIABLES } from '../../src/config.js';

const LEFT_OUT = /^(node_modules|dist|data|\.git|\.env|package-lock\.json|.*\.tgz)$/;

/** A copy of the project's files, as a clone would have them. */
export function copyProject(to: string): string {
  const from = process.cwd();
  cpSync(from, to, {
    recursive: true,
    filter: (source) => {
      const path = relative(from, source);
      return path === 'package-lock.json' || !path.split('/').some((part) => LEFT_OUT.test(part));
    },
  });
  return to;
}

/** This process's environment less what configures Latchkey, and what npm tells its scripts. */
export function userEnvironment(): Record<string, string> {
  const ours = /^(npm_(lifecycle|package|command|execpath|node_execpath|config_(local_)?prefix)|INIT_CWD|TEST_|JEST_)/;
  const entries = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !ours.test(name) && !(VARIABLES as readonly string[]).includes(name),
  );
  return { ...Object.fromEntries(entries as [string, string][]), npm_config_prefer_offline: 'true' };
}

// What `npm ci` makes of one lock file is the same each time, and takes a minute. Hard links share what nobody writes to.
const NPM = `#!/bin/bash
set -e
if [ "$1" = ci ] && cmp -s package-lock.json "$PROJECT/package-lock.json"; then
  mkdir node_modules
  cp -al "$PROJECT/node_modules/." node_modules || cp -a "$PROJECT/node_modules/." node_modules
  rm -rf node_modules/.cache node_modules/.vite*
  cp --remove-destination "$PROJECT/node_modules/.package-lock.json" node_modules/
else
  PATH=\${PATH#*:} exec npm "$@"
fi
`;

// npx starts npm, which takes longer than the command.
const NPX = `#!/bin/bash
case "$1" in
  latchkey | bench) exec node "bin/$1.js" "\${@:2}" ;;
  *) PATH=\${PATH#*:} exec npx "$@" ;;
esac
`;

/**
 * An environment in which `npm ci` in a clone copies what is installed here, and `npx latchkey` runs the clone's own at once:
 * for all clones but one, where npm does it.
 * @param folder where the stand-ins for npm and npx are put.
 */
export function installedEnvironment(folder: string): Record<string, string> {
  const bin = join(folder, 'bin');
  for (const [name, text] of [
    ['npm', NPM],
    ['npx', NPX],
  ] as const)
    chmodSync(fileIn(bin, name, text), 0o755);
  const env = userEnvironment();
  return { ...env, PROJECT: process.cwd(), PATH: bin + delimiter + env.PATH };
}

/** What one shell does after another: folder and variables stay. */
export interface Shell {
  readonly cwd: string;
  readonly env: Record<string, string>;
}

// curl says "done" of any answer; here a refusal is a failure.
const BEFORE = `
set -euo pipefail
curl() {
  [[ " $* " == *' -f '* ]] || set -- --fail-with-body "$@"
  command curl --silent --show-error "$@"
}`;

/**
 * Runs a script in bash, stopping at the first command that fails.
 * @returns what it printed, and the shell as it left it.
 * @throws with its output, less its secrets.
 */
export async function runScript(script: string, { cwd, env }: Shell): Promise<{ output: string; shell: Shell }> {
  const kept = join(cwd, '.shell.json');
  const keep = `node -e 'fs.writeFileSync(${JSON.stringify(kept)}, JSON.stringify(process.env))'`;
  const child = spawn('bash', ['-c', `${BEFORE}\n${script}\n${keep}`], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`exit ${code}\n${withoutSecrets(script)}\n${withoutSecrets(output)}`);
  return { output, shell: { cwd, env: JSON.parse(readFileSync(kept, 'utf8')) } };
}

export function withoutSecrets(text: string): string {
  return text.replace(/lks_\w+/g, 'lks_…').replace(/(token|Basic) \S+/g, '$1 …');
}

export interface Started {
  /** What it printed until it listened. */
  readonly output: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs a script that starts a server, until a line of its output matches `listening`, whose first group is the URL. */
export async function startScript(script: string, { cwd, env }: Shell, listening: RegExp): Promise<Started> {
  // A group of its own: npm does not hand signals on.
  const child = spawn('bash', ['-c', `set -euo pipefail\n${script}`], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const line = listening.exec(output);
        if (line) resolve(line[1]!);
      });
    }
    child.once('exit', (code) => reject(new Error(`exit ${code}\n${withoutSecrets(output)}`)));
  });
  return {
    get output() {
      return output;
    },
    url: url.replace('[::1]', '127.0.0.1'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'close');
      process.kill(-child.pid!, 'SIGTERM');
      await exit;
    },
  };
}

/** An empty folder in another, with that text in a file. */
export function fileIn(dir: string, name: string, text: string): string {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}
