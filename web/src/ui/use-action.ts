import { useCallback, useRef, useState } from 'react';

export interface Action<A extends unknown[]> {
  /** True when it succeeded; `problem` tells why not. While one runs, another is not begun. */
  run(...args: A): Promise<boolean>;
  pending: boolean;
  problem: unknown;
  forget(): void;
}

/**
 * A call that changes something, with its state in the component alone: a mutation of TanStack Query would keep what goes
 * in and comes out, secrets and passwords among it, in its cache.
 */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<unknown>): Action<A> {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const running = useRef(false);
  const run = async (...args: A): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    const pressed = document.activeElement;
    setPending(true);
    setProblem(undefined);
    try {
      await act(...args);
      return true;
    } catch (error) {
      setProblem(error);
      return false;
    } finally {
      running.current = false;
      setPending(false);
      // A button that is loading is disabled, and loses the focus.
      window.setTimeout(() => {
        if (document.activeElement === document.body && pressed instanceof HTMLElement) pressed.focus();
      });
    }
  };
  const forget = useCallback(() => setProblem(undefined), []);
  return { run, pending, problem, forget };
}
