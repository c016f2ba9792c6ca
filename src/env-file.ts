import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads `.env` of the folder that the program runs in, if there is one; what the environment has already, wins. For the
 * programs alone: a library must not touch its host's environment.
 * @throws an Error that says what is wrong with the file.
 */
export function readEnvFile(): void {
  const path = join(process.cwd(), '.env');
  // A folder of that name is one of Python's environments.
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true) return;
  try {
    accessSync(path, constants.R_OK); // what can't be read is "not there" to loadEnvFile
    process.loadEnvFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const remedy = 'make it readable for this user, or move it away';
    throw new Error(`${path} can't be read (${code ?? message}); ${remedy}.`, { cause: error });
  }
}
