import type { Logger } from '../nest-core.js';

const INTERVAL_MS = 60 * 60_000;
/** A start has other things to do. */
const FIRST_MS = 60_000;

/** Runs `work` a minute from now, and then each hour. What it throws is logged. @returns what ends that. */
export function everyHour(logger: Logger, what: string, work: () => Promise<unknown>): () => void {
  let timer: NodeJS.Timeout;
  let ended = false;
  const runIn = (ms: number) => {
    if (ended) return;
    timer = setTimeout(() => {
      void work()
        .catch((error: Error) => logger.warn(`Could not ${what}. ${error.message}`))
        .then(() => runIn(INTERVAL_MS));
    }, ms).unref();
  };
  runIn(FIRST_MS);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
