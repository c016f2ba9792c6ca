import type { ValueTransformer } from 'typeorm';

/** A list of texts is stored as JSON: a column of its own type differs on each engine. */
export const list = {
  to: (value: readonly string[] | null | undefined): string | null | undefined =>
    value == null ? value : JSON.stringify(value),
  from: parseList,
} satisfies ValueTransformer;

/** What such a column holds. */
export function parseList(value: string | null): string[] | null {
  return value === null ? null : (JSON.parse(value) as string[]);
}
