import { useSyncExternalStore } from 'react';

const RETRY_MS = 1500;
const ANSWER_MS = 5000;

let waiting: Promise<void> | undefined;
let away = false;
let onBack: () => void = () => {};
const listeners = new Set<() => void>();

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
  return useSyncExternalStore(subscribe, () => away);
}

async function wait(): Promise<void> {
  if (await isLive()) return;
  setAway(true);
  while (!(await isLive())) await new Promise((resolve) => window.setTimeout(resolve, RETRY_MS));
  setAway(false);
  onBack();
}

async function isLive(): Promise<boolean> {
  try {
    return (await fetch('/health/live', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) })).ok;
  } catch {
    return false; // whatever is in the way
  }
}

function setAway(now: boolean): void {
  away = now;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
