import { useEffect } from 'react';
import { store } from './store.js';

const holders = store(0);
const leave = store<(() => void) | undefined>(undefined);

/** Leads away from the page, which nobody asked for; as long as the page is held, it waits. */
export function leaveWhenFree(away: () => void): void {
  if (holders.get() === 0) away();
  else leave.set(away);
}

/**
 * Holds the page while it shows what can't be shown again: neither the end of the session nor a refusal takes it away.
 * @returns whether something waits to lead away.
 */
export function useHeldPage(): boolean {
  useEffect(() => {
    holders.set(holders.get() + 1);
    return () => {
      holders.set(holders.get() - 1);
      if (holders.get() > 0) return;
      leave.get()?.();
      leave.set(undefined);
    };
  }, []);
  return leave.use() !== undefined;
}

export function useIsPageHeld(): boolean {
  return holders.use() > 0;
}
