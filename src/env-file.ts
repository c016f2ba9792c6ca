import { join } from 'node:path';

/**
 * Reads `.env` of the folder that the program runs in, if there is one; what the environment has already, wins. For the
 * programs alone: a library must not touch its host's environment.
 * @throws an Error that says what is wrong with the file.
 */
export function readEnvFile(): void {
  const path = join(process.cwd(), '.env');
  try {
    process.loadEnvFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // None; or a folder, as Python's environments are often named.
    if (code === 'ENOENT' || code === 'EISDIR') return;
    const remedy = 'make it readable for this user, or move it away';
    throw new Error(`${path} can't be read (${code ?? message}); ${remedy}.`, { cause: error });
  }
}
