import { expect, it } from '@jest/globals';
import { clockDifference } from '../../src/database/clock.js';
import { versionProblem } from '../../src/database/engines/mysql.js';

it.each([
  ['mysql', '8.4.0', undefined],
  ['mysql', '9.0.1-commercial', undefined],
  ['mysql', '10.0.0', undefined],
  ['mariadb', '10.11.2-MariaDB-0+deb12u1', undefined],
  ['mariadb', '11.4.2-MariaDB', undefined],
  ['mariadb', '5.5.5-10.11.2-MariaDB', undefined],
  ['mysql', '8.3.0', 'MySQL 8.4 or newer'],
  ['mysql', '5.7.44-log', 'MySQL 8.4 or newer'],
  ['mariadb', '10.10.7-MariaDB', 'MariaDB 10.11 or newer'],
  ['mariadb', '5.5.5-10.6.1-MariaDB', 'MariaDB 10.11 or newer'],
  ['mysql', 'something else', 'MySQL 8.4 or newer'],
  ['mysql', '11.4.2-MariaDB', 'begin DATABASE_URL with mariadb://'],
  ['mariadb', '9.7.0', 'begin DATABASE_URL with mysql://'],
] as const)('%s:// that says %s', (scheme, version, problem) => {
  if (problem === undefined) expect(versionProblem(scheme, version)).toBeUndefined();
  else expect(versionProblem(scheme, version)).toContain(problem);
});

it.each([
  ['the same', [[1000, 1000, 1000]], 0],
  ['within the round trip', [[1000, 4000, 5000]], 0],
  ['ahead by more than the round trip', [[1000, 7000, 5000]], 2000],
  ['behind', [[5000, 1500, 5010]], -3500],
  ['ahead, as the shortest round trip tells', [[0, 3000, 6000], [10_000, 12_020, 10_020], [20_000, 21_000, 22_000]], 2000], // prettier-ignore
])('a clock that is %s', (_, looks, difference) => {
  const samples = looks.map(([before, database, after]) => ({ before: before!, database: database!, after: after! }));
  expect(clockDifference(samples)).toBe(difference);
});
