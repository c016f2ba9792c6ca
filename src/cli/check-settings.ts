import { type Config, isSet } from '../config.js';
import type { Check } from '../database/check.js';
import { parseDatabaseUrl } from '../database/database-url.js';
import { isFile } from '../database/engines/engine.js';

/** A check that may end in a note: right for some, and wrong for others. */
export interface SettingsCheck extends Check {
  readonly note?: true;
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[?::1\]?|localhost)$/;

/**
 * The settings that are often wrong. None is called a problem, since nobody sees from here what stands in front of the
 * server, and what the running server was started with.
 */
export function checkSettings({ production, host, publicUrl, trustProxy, database }: Config): SettingsCheck[] {
  const isLocal = LOOPBACK.test(host);
  const inFile = isFile(parseDatabaseUrl(database.url));
  return [
    production || isLocal
      ? fine('NODE_ENV', production ? 'production' : 'not production')
      : note('NODE_ENV', 'not production, while others can reach HOST; set NODE_ENV=production where they do'),
    isLocal
      ? note('HOST', `${host}: reached from this machine alone; in a container set HOST=0.0.0.0`)
      : fine('HOST', host),
    publicUrlCheck(isSet('PUBLIC_URL') ? publicUrl : undefined),
    trustProxy.length > 0
      ? fine('TRUST_PROXY', trustProxy.join(', '))
      : note(
          'TRUST_PROXY',
          'unset: behind a proxy all callers share its address. The log of the server has a warning that names TRUST_PROXY when that is so',
        ),
    inFile
      ? note(
          'DATABASE_URL',
          `${isSet('DATABASE_URL') ? '' : 'unset: '}SQLite, for one node; several nodes need one MySQL or MariaDB`,
        )
      : fine('DATABASE_URL', 'a server, which several nodes may share'),
  ];
}

function publicUrlCheck(url: string | undefined): SettingsCheck {
  if (url === undefined)
    return note('PUBLIC_URL', 'unset; set it to the origin that users see, as in https://keys.example.com');
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || LOOPBACK.test(hostname)) return fine('PUBLIC_URL', url);
  return note('PUBLIC_URL', `${url}: over plain http, passwords, tokens and cookies can be read on the way`);
}

function fine(check: string, message: string): SettingsCheck {
  return { check, ok: true, message };
}

function note(check: string, message: string): SettingsCheck {
  return { check, ok: true, note: true, message: `${message}.` };
}
