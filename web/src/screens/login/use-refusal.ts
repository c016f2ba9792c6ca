import { useEffect, useState } from 'react';
import { Problem, sayProblem } from '../../problem.js';

/** Why nobody gets in, in words; `waiting` while the server has asked for some seconds of peace. */
export function useRefusal(problem: unknown): { words: string | undefined; waiting: boolean } {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!isTooMany(problem)) return setLeft(0);
    const until = Date.now() + problem.retryAfter * 1000;
    const count = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    count();
    const timer = window.setInterval(count, 250);
    return () => window.clearInterval(timer);
  }, [problem]);
  if (problem === undefined) return { words: undefined, waiting: false };
  if (!isTooMany(problem)) return { words: say(problem), waiting: false };
  if (left === 0) return { words: 'You can try again now.', waiting: false };
  return { words: `Too many tries. Wait ${left} ${left === 1 ? 'second' : 'seconds'}, then try again.`, waiting: true };
}

function isTooMany(problem: unknown): problem is Problem {
  return problem instanceof Problem && problem.code === 'too_many_requests';
}

function say(problem: unknown): string {
  if (!(problem instanceof Problem)) return sayProblem(problem);
  if (problem.status === 401) return 'That user and password do not match. Check both and try again.';
  if (problem.code === 'unavailable') return 'Latchkey cannot reach its database right now. Try again in a minute.';
  return sayProblem(problem);
}
