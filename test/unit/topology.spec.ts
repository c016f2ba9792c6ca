import { expect, it } from '@jest/globals';
import { mysql } from '../../src/database/engines/mysql.js';

it.each([
  ['EVENTUAL', false],
  ['BEFORE_ON_PRIMARY_FAILOVER', false],
  ['AFTER', false],
  ['BEFORE', true],
  ['BEFORE_AND_AFTER', true],
])('on Group Replication with consistency %s, reads may be cached: %s', async (consistency, may) => {
  const settings = {
    transaction_isolation: 'REPEATABLE-READ',
    group_replication_group_name: '5a1f3c52-0000-4000-8000-00000000001a',
    group_replication_consistency: consistency,
  };
  const rows = Object.entries(settings).map(([Variable_name, Value]) => ({ Variable_name, Value }));
  const { problem } = await mysql.topology(async () => rows);
  expect(problem === undefined).toBe(may);
});
