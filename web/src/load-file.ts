import { untilReachable } from './reachable.js';

const LAST = 'latchkey-reloaded-at';
const AGAIN_AFTER_MS = 10_000;

/**
 * A file of the page, which is loaded when it is needed: while the server is away it waits, and goes on. After an upgrade
 * the files of an open page are gone; then the page is loaded again, once.
 * @throws what the browser says when that does not help.
 */
export async function loadFile<T>(file: () => Promise<T>): Promise<T> {
  try {
    return await file();
  } catch (error) {
    await untilReachable();
    // Vite does not ask again for a style that was missing, and the screen would come without it.
    if (isStyle(error) && reloadOnce()) return never();
    try {
      return await file();
    } catch {
      if (reloadOnce()) return never();
      throw error;
    }
  }
}

function isStyle(error: unknown): boolean {
  return error instanceof Error && /CSS/.test(error.message);
}

function reloadOnce(): boolean {
  if (Date.now() - Number(sessionStorage.getItem(LAST)) < AGAIN_AFTER_MS) return false;
  sessionStorage.setItem(LAST, String(Date.now()));
  location.reload();
  return true;
}

function never(): Promise<never> {
  return new Promise(() => {});
}
