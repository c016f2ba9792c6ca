import type { ReactNode } from 'react';
import type { AuditEvent } from '../api.js';
import { number, pluralOf, sentence, type Told } from './forms.js';

const plural = pluralOf('en');
const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** What a change of a secret can change, by the server's names. */
const SECRET_FIELDS: Readonly<Record<string, string>> = {
  name: 'name',
  scopes: 'scopes',
  allowedNetworks: 'networks',
  expiresAt: 'expiry',
  retiresAt: 'end',
  limits: 'limits',
};
/** "the role Editor", "the roles Editor and Reader" */
const rolesOf = (names: readonly string[]) =>
  `${plural(names.length, { one: 'the role', other: 'the roles' })} ${list.format(names)}`;

/** English, of the activity. The type of every other language. */
export const enActivity = {
  about: 'Every change and every log-in: who did what, and when.',
  today: 'Today',
  yesterday: 'Yesterday',
  you: 'You',
  command: 'The command line',
  somebody: 'Somebody who was not logged in',
  toYou: 'you',
  yourself: 'yourself',
  themselves: 'themselves',
  your: 'your',
  their: 'their',
  possessive: (name: ReactNode) => sentence(name, '’s'),
  details: 'Details',
  changes: 'Changes',
  field: 'Field',
  before: 'Before',
  after: 'After',
  nothing: 'None',
  yes: 'Yes',
  no: 'No',
  event: 'Event',
  time: 'Time',
  by: 'Done by',
  credential: 'Session or secret used',
  subject: 'About',
  apiKey: 'API key',
  secretId: 'Secret ID',
  address: 'Address',
  program: 'Program',
  requestId: 'Request ID',
  n: 'Row',
  hash: 'Hash',

  person: 'Person',
  personAbout: 'By or about: email, or command',
  anyEvent: 'Any',
  from: 'From',
  to: 'To',
  keyOrSecret: 'API key or secret ID',
  more: 'More filters',
  fewer: 'Fewer filters',
  clear: 'Clear filters',
  older: 'Show older',
  olderShown: (count: number) => plural(count, { one: 'One more row', other: `${number(count)} more rows` }),
  none: 'No activity yet',
  noneAbout: 'Changes and log-ins will appear here.',
  noMatch: 'No activity matches these filters',
  noMatchAbout: 'A person, key, ID or address has to be given in full. Change a filter, or clear all of them.',
  noneSoFar: 'Nothing found among the newest rows. Older ones may match.',
  export: 'Export',
  exportAbout: 'Download what the filters choose, oldest first: a line of JSON for each row',
  cancelExport: 'Cancel export',
  exporting: (rows: number) => `${number(rows)} rows so far`,
  exported: (rows: number) => plural(rows, { one: 'One row exported', other: `${number(rows)} rows exported` }),
  exportFailed: 'The export broke off, and nothing was saved.',
  exportTooLarge: (megabytes: number) =>
    `This is more than ${number(megabytes)} MB, too much for a browser. Choose fewer days, or run latchkey audit export on the server.`,
  did: {
    'user.created': ({ who, whom }) => sentence(who, ' created an account for ', whom),
    'user.renamed': ({ who, whose, fullName }) => sentence(who, ' changed ', whose, ` full name to ${fullName}`),
    'user.disabled': ({ who, whom }) => sentence(who, ' disabled ', whom),
    'user.enabled': ({ who, whom }) => sentence(who, ' enabled ', whom),
    'user.deleted': ({ who, whom }) => sentence(who, ' deleted the user ', whom),
    'roles.changed': ({ who, whom, given, taken }) => {
      if (given.length + taken.length === 0) return sentence(who, ' changed the roles of ', whom);
      if (given.length === 0) return sentence(who, ` took ${rolesOf(taken)} from `, whom);
      return sentence(who, ' gave ', whom, ` ${rolesOf(given)}`, taken.length > 0 && ` and took ${rolesOf(taken)}`);
    },
    'role.created': ({ who, whom }) => sentence(who, ' created the role ', whom),
    'role.deleted': ({ who, whom }) => sentence(who, ' deleted the role ', whom),
    'secret.generated': ({ who, whom, secret }) => sentence(who, ' generated the secret ', secret, ' for ', whom),
    'secret.rotated': ({ who, whose, secret }) => sentence(who, ' rotated ', whose, ' secret ', secret),
    'secret.changed': ({ who, whose, changed, isReplaced, retiresAt }) => {
      if (retiresAt === null) return sentence(who, ' made ', whose, ' replaced secret active again');
      if (isReplaced) return sentence(who, ' let ', whose, ` replaced secret work until ${retiresAt}`);
      const what = changed.map((field) => SECRET_FIELDS[field] ?? field);
      const fields = what.length > 0 && `the ${list.format(what)} of `;
      return sentence(who, ' changed ', fields, 'one of ', whose, ' secrets');
    },
    'secret.revoked': ({ who, whose, secret, isReplaced }) =>
      sentence(who, isReplaced ? ' replaced ' : ' revoked ', whose, isReplaced ? ' old secret ' : ' secret ', secret),
    'scope.created': ({ who, whom }) => sentence(who, ' created the scope ', whom),
    'scope.changed': ({ who, whom }) => sentence(who, ' changed the description of the scope ', whom),
    'scope.deleted': ({ who, whom }) => sentence(who, ' deleted the scope ', whom),
    'password.changed': ({ who, whom, whose, isOwn, isOneTime }) => {
      if (isOneTime) return sentence(who, ' set a one-time password for ', whom);
      return isOwn ? sentence(who, ' changed ', whose, ' password') : sentence(who, ' set a new password for ', whom);
    },
    'session.opened': ({ who }) => sentence(who, ' logged in'),
    'session.refused': ({ whom, count }) =>
      sentence(
        plural(count, { one: 'A log-in', other: `${number(count)} log-ins` }),
        whom !== null && sentence(' as ', whom),
        plural(count, { one: ' was refused', other: ' were refused' }),
      ),
    'session.ended': ({ who, whose, count, isLogOut }) =>
      isLogOut
        ? sentence(who, ' logged out')
        : sentence(who, ` ended ${plural(count, { one: 'one', other: number(count) })} of `, whose, ' sessions'),
    'secret.refused_address': ({ owner, count }) =>
      sentence(
        plural(count, { one: 'A request', other: `${number(count)} requests` }),
        owner !== null && sentence(' with one of ', owner, ' secrets'),
        plural(count, { one: ' was', other: ' were' }),
        ' refused: the secret does not allow the address',
      ),
    'limit.reached': ({ owner }) =>
      owner === null ? 'Secrets reached their limits' : sentence('One of ', owner, ' secrets reached its limit'),
    'audit.purged': ({ count }) =>
      plural(count, { one: 'One old row was deleted', other: `${number(count)} old rows were deleted` }),
  } satisfies Record<AuditEvent, (told: Told) => ReactNode>,
  /** A field of a secret that is null. */
  unlimited: { scopes: 'Everything', allowedNetworks: 'Anywhere', expiresAt: 'Never', limits: 'No limit' },
  /** What the details of a row say, by the server's names. */
  fields: {
    name: 'Name',
    fullName: 'Full name',
    roles: 'Roles',
    enabled: 'Enabled',
    scopes: 'Scopes',
    allowedNetworks: 'Networks',
    limits: 'Limits',
    requests: 'Requests allowed',
    seconds: 'In so many seconds',
    expiresAt: 'Expires',
    retiresAt: 'Replaced, works until',
    replaces: 'Replaces the secret',
    replacedBy: 'Replaced by the secret',
    description: 'Description',
    session: 'Session',
    sessions: 'Sessions ended',
    endedSessions: 'Sessions ended',
    oneTimeUntil: 'Valid until',
    count: 'How often',
    from: 'First',
    to: 'Last',
    rows: 'Rows',
    n: 'Last row deleted',
    hash: 'Its hash',
    omitted: 'Too long to be kept',
    unreadable: 'Not readable',
  },
};

export type ActivityWords = typeof enActivity;
