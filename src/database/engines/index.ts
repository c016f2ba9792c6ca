import type { DataSource } from 'typeorm';
import type { Engine } from './engine.js';
import { mysql } from './mysql.js';
import { sqlite } from './sqlite.js';

export const ENGINES: readonly Engine[] = [mysql, sqlite];

/** The engine of a DataSource. Of one that Latchkey does not know nothing is cached, and what it answers is tried. */
export function engineOf({ options: { type } }: Pick<DataSource, 'options'>): Engine {
  return ENGINES.find(({ types }) => types.includes(type)) ?? untried(type);
}

function untried(type: string): Engine {
  const problem = `${type} has not been tried: use MySQL, MariaDB or SQLite.`;
  return {
    ...sqlite,
    topology: async () => ({ readOnly: '0', problem }),
    durabilityProblems: async () => [],
  };
}
