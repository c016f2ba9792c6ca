import type { DataSource } from 'typeorm';

const SAMPLES = 5;
/**
 * The clock of MySQL and MariaDB, in milliseconds since 1970. In UTC: in one hour of each year, a local time means two
 * instants.
 */
export const MYSQL_NOW = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) / 1000";

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

/** Reads the clock of MySQL or MariaDB several times. */
export async function readClock(dataSource: DataSource): Promise<ClockSample[]> {
  const samples: ClockSample[] = [];
  while (samples.length < SAMPLES) {
    const before = Date.now();
    const [row] = await dataSource.query(`SELECT ${MYSQL_NOW} AS now`);
    samples.push({ before, database: Number(row.now), after: Date.now() });
  }
  return samples;
}
