import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { LatchkeyError } from '../latchkey.error.js';

/** More than any password has. */
const MAX_BYTES = 4096;

/**
 * A new password: on a terminal asked for twice and not shown, else the first line of stdin. Never from the arguments,
 * which every user of the machine can read.
 * @throws LatchkeyError `malformed` when there is none, or the two differ.
 */
export async function askPassword(user: string): Promise<string> {
  if (!process.stdin.isTTY) return firstLine(process.stdin);
  const password = await ask(`New password of ${user}: `);
  if ((await ask('The same again: ')) !== password) throw new LatchkeyError('malformed', 'These were not the same.');
  return password;
}

async function firstLine(input: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const chunk of input.setEncoding('utf8')) {
    text += chunk as string;
    if (text.includes('\n') || text.length > MAX_BYTES) break;
  }
  const [line = ''] = text.split(/\r?\n/);
  if (line !== '') return line;
  throw new LatchkeyError('malformed', 'There is no password on stdin: pipe it in, or run this on a terminal.');
}

function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => reject(new LatchkeyError('malformed', 'No password was given.')));
    lines.question('', (answer) => {
      process.stderr.write('\n');
      resolve(answer);
      lines.close();
    });
  });
}
