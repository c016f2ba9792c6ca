import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

/** Latchkey as users run it: the built program, in a process of its own. */
export interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it has printed so far. */
  output(): string;
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const MAIN = join(process.cwd(), 'dist/main.js');
/** A folder without the .env that a developer may have in the project's. */
const ELSEWHERE = join(process.cwd(), 'test');
const CLI = join(process.cwd(), 'dist/cli/main.js');

/** The environment of this test run less what would configure Latchkey. */
export function environment(env: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, ...env };
}

export async function startProcess(env: Record<string, string>, cwd = ELSEWHERE): Promise<Running> {
  const child = spawn(process.execPath, [MAIN], {
    cwd,
    env: environment({ LOG_LEVEL: 'debug', PORT: '0', BAD_CREDENTIALS_PER_MINUTE: '0', ...env }),
  });
  let output = '';
  let url: string | undefined;
  const listening = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        if (url !== undefined) return;
        url = /"url":"([^"]+)","msg":"listening"/.exec(output)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
    child.once('exit', (code) => reject(new Error(`exit ${code}: ${output}`)));
  });
  return {
    child,
    url: await listening,
    output: () => output,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit');
        child.kill(signal);
        await exit;
      }
      const { TEST_LOG_DIR: dir } = process.env;
      // All but the one line that the first start prints on purpose, past the logger.
      const rest = output.replace(/^  curl -H .*$/m, '');
      if (dir) appendFileSync(join(dir, `process-${child.pid}.log`), rest);
      return { code: child.exitCode, signal: child.signalCode };
    },
  };
}

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `latchkey …` of the built program. */
export function latchkey(args: string[], env: Record<string, string>, cwd = ELSEWHERE): Promise<Result> {
  return run(process.execPath, [CLI, ...args], env, cwd);
}

export async function run(command: string, args: string[], env: Record<string, string>, cwd?: string): Promise<Result> {
  const child = spawn(command, args, { cwd, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}
