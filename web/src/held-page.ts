import { useEffect, useSyncExternalStore } from 'react';

let holders = 0;
let leave: (() => void) | undefined;
const listeners = new Set<() => void>();

/** Leads away from the page, which nobody asked for; as long as the page is held, it waits. */
export function leaveWhenFree(away: () => void): void {
  if (holders === 0) return away();
  leave = away;
  tell();
}

/**
 * Holds the page while it shows what can't be shown again: neither the end of the session nor a refusal takes it away.
 * @returns whether something waits to lead away.
 */
export function useHeldPage(): boolean {
  useEffect(() => {
    holders++;
    tell();
    return () => {
      holders--;
      tell();
      if (holders > 0) return;
      leave?.();
      leave = undefined;
    };
  }, []);
  return useSyncExternalStore(subscribe, () => leave !== undefined);
}

export function useIsPageHeld(): boolean {
  return useSyncExternalStore(subscribe, () => holders > 0);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
