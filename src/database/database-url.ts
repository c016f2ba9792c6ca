/** The default. */
export const DEFAULT_DATABASE_URL = 'sqlite:data/latchkey.sqlite';

/** The parts of a database URL. @throws an Error that says what is wrong with it, without its password. */
export function parseDatabaseUrl(url: string) {
  if (url.startsWith('sqlite:')) {
    const path = url.slice('sqlite:'.length);
    if (path === '' || path.startsWith('//') || path.startsWith(':'))
      throw new Error('sqlite: needs a path, as in sqlite:data/latchkey.sqlite');
    return { type: 'sqlite' as const, path };
  }
  if (!URL.canParse(url)) throw new Error('not a URL; expected mysql://…, mariadb://… or sqlite:path');
  const { protocol, hostname, port, username, password, pathname, search } = new URL(url);
  const type = protocol.slice(0, -1);
  if (type !== 'mysql' && type !== 'mariadb') {
    throw new Error(`unknown scheme ${protocol}//; expected mysql://…, mariadb://… or sqlite:path`);
  }
  const database = decodeURIComponent(pathname.slice(1));
  if (!hostname || !username || !database)
    throw new Error(`${type}://user:password@host:port/name needs all its parts`);
  if (search) throw new Error('parameters after ? are not understood; see the other DATABASE_ variables');
  return {
    type: type as 'mysql' | 'mariadb',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port ? Number(port) : 3306,
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database,
  };
}
