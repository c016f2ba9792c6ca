import { useEffect, useState } from 'react';
import { Problem, describeProblem } from '../../problem.js';
import { words } from '../../words/index.js';

const TICK_MS = 250;

/** Why nobody gets in, in words; `waiting` while the server has asked for some seconds of peace. */
export function useRefusal(problem: unknown): { text: string | undefined; waiting: boolean } {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTooMany(problem)) return;
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, [problem]);
  if (problem === undefined) return { text: undefined, waiting: false };
  if (!isTooMany(problem)) return { text: say(problem), waiting: false };
  const passed = Math.max(0, now - problem.receivedAt); // `now` is of the last tick
  const left = Math.max(0, Math.ceil(problem.retryAfter - passed / 1000));
  if (left === 0) return { text: words.problem.tryNow, waiting: false };
  return { text: words.problem.tooMany(left), waiting: true };
}

function isTooMany(problem: unknown): problem is Problem {
  return problem instanceof Problem && problem.code === 'too_many_requests';
}

function say(problem: unknown): string {
  if (!(problem instanceof Problem)) return describeProblem(problem);
  if (problem.status === 401) return words.problem.wrongPassword;
  if (problem.code === 'unavailable') return words.problem.noLogIn;
  return describeProblem(problem);
}
