import type { Finding } from './engine.js';

/** Why a database can't be looked at: the sentence for people. */
export class Unfit extends Error {}

export function finding(problems: readonly string[], fine: string): Finding {
  return { ok: problems.length === 0, message: problems.join(' ') || fine };
}
