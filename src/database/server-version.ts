export const ENGINE_NAMES = { mysql: 'MySQL', mariadb: 'MariaDB' };
const MINIMUM = { mysql: [8, 4], mariadb: [10, 11] } as const;

/** The engine of a server whose `SELECT VERSION()` is `version`. */
export function engineOf(version: string): keyof typeof ENGINE_NAMES {
  return /mariadb/i.test(version) ? 'mariadb' : 'mysql';
}

/**
 * What is wrong with a server of that version, reached by a URL of that scheme, and what to do about it; undefined when
 * nothing is.
 */
export function versionProblem(scheme: 'mysql' | 'mariadb', version: string): string | undefined {
  const actual = engineOf(version);
  if (actual !== scheme) {
    return `this is ${ENGINE_NAMES[actual]}; begin DATABASE_URL with ${actual}:// instead of ${scheme}://.`;
  }
  // For old replication, MariaDB put 5.5.5- in front, and some proxies still do.
  const [, major, minor] = /^(?:5\.5\.5-)?(\d+)\.(\d+)/.exec(version) ?? [];
  const [minMajor, minMinor] = MINIMUM[actual];
  const enough = Number(major) > minMajor || (Number(major) === minMajor && Number(minor) >= minMinor);
  return enough ? undefined : `it needs ${ENGINE_NAMES[actual]} ${minMajor}.${minMinor} or newer; upgrade it.`;
}
