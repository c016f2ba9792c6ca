import type { Target } from './engines/engine.js';
import { ENGINES } from './engines/index.js';

/** The default. */
export const DEFAULT_DATABASE_URL = 'sqlite:data/latchkey.sqlite';

const EXAMPLES = ENGINES.flatMap(({ examples }) => examples);
const EXPECTED = `expected ${EXAMPLES.slice(0, -1).join(', ')} or ${EXAMPLES.at(-1)}`;

/** Where the database is. @throws an Error that says what is wrong with the URL, without its password. */
export function parseDatabaseUrl(url: string): Target {
  if (!URL.canParse(url)) throw new Error(`not a URL; ${EXPECTED}`);
  const { protocol } = new URL(url);
  const engine = ENGINES.find(({ schemes }) => schemes.includes(protocol.slice(0, -1)));
  if (!engine) throw new Error(`unknown scheme ${protocol}//; ${EXPECTED}`);
  return engine.parse(url);
}
