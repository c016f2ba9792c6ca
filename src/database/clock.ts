import type { DataSource } from 'typeorm';

const SAMPLES = 5;

/** A reading of the database's clock, with this machine's clock before and after it. Milliseconds since 1970. */
export interface ClockSample {
  readonly before: number;
  readonly database: number;
  readonly after: number;
}

/**
 * How many milliseconds the database's clock is ahead of this machine's (negative: behind), for certain: what the duration
 * of the query can explain is left out.
 */
export function clockDifference(samples: readonly ClockSample[]): number {
  const [{ before, database, after }] = samples.toSorted((a, b) => a.after - a.before - (b.after - b.before)) as [
    ClockSample,
  ];
  return database > after ? database - after : Math.min(0, database - before);
}

/** Reads the database's clock several times. @param now the SQL for it. */
export async function readClock(dataSource: DataSource, now: string): Promise<ClockSample[]> {
  const samples: ClockSample[] = [];
  while (samples.length < SAMPLES) {
    const before = Date.now();
    const [row] = await dataSource.query(`SELECT ${now} AS now`);
    samples.push({ before, database: Number(row.now), after: Date.now() });
  }
  return samples;
}
