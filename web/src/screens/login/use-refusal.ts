import { useEffect, useState } from 'react';
import { Problem, describeProblem } from '../../problem.js';

const TICK_MS = 250;

/** Why nobody gets in, in words; `waiting` while the server has asked for some seconds of peace. */
export function useRefusal(problem: unknown): { words: string | undefined; waiting: boolean } {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTooMany(problem)) return;
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, [problem]);
  if (problem === undefined) return { words: undefined, waiting: false };
  if (!isTooMany(problem)) return { words: say(problem), waiting: false };
  const passed = Math.max(0, now - problem.receivedAt); // `now` is of the last tick
  const left = Math.max(0, Math.ceil(problem.retryAfter - passed / 1000));
  if (left === 0) return { words: 'You can try again now.', waiting: false };
  return { words: `Too many tries. Wait ${left} ${left === 1 ? 'second' : 'seconds'}, then try again.`, waiting: true };
}

function isTooMany(problem: unknown): problem is Problem {
  return problem instanceof Problem && problem.code === 'too_many_requests';
}

function say(problem: unknown): string {
  if (!(problem instanceof Problem)) return describeProblem(problem);
  if (problem.status === 401) return 'That user and password do not match. Check both and try again.';
  if (problem.code === 'unavailable') return 'Latchkey cannot reach its database right now. Try again in a minute.';
  return describeProblem(problem);
}
