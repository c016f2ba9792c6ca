import { store } from './store.js';

const RETRY_MS = 1500;
const ANSWER_MS = 5000;

const away = store(false);
let waiting: Promise<void> | undefined;
let onBack: () => void = () => {};

/** Resolves when the server answers: at once where it does. Until then the page says that it can't be reached. */
export function untilReachable(): Promise<void> {
  waiting ??= wait().finally(() => (waiting = undefined));
  return waiting;
}

/** Is called when the server answers again. */
export function whenServerIsBack(listener: () => void): void {
  onBack = listener;
}

export function useIsServerAway(): boolean {
  return away.use();
}

async function wait(): Promise<void> {
  if (await isLive()) return;
  away.set(true);
  while (!(await isLive())) await new Promise((resolve) => window.setTimeout(resolve, RETRY_MS));
  away.set(false);
  onBack();
}

async function isLive(): Promise<boolean> {
  try {
    return (await fetch('/health/live', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) })).ok;
  } catch {
    return false; // whatever is in the way
  }
}
