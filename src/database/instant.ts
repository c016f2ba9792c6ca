import type { ValueTransformer } from 'typeorm';

/**
 * Times are stored as milliseconds since 1970 (UTC) in a BIGINT, set by the application. A DATETIME means another time for
 * each `timezone` and `dateStrings` setting of the driver. A host's DataSource has settings of its own, and an expiry must
 * not depend on them.
 */
export const instant = {
  to: (value: Date | null | undefined): number | null | undefined => (value == null ? value : value.getTime()),
  from: (value: number | string | null): Date | null => (value === null ? null : new Date(Number(value))),
} satisfies ValueTransformer;
