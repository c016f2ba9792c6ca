import type { ReactNode } from 'react';
import type { AuditEvent } from '../api.js';
import { type Count, countOf, durationOf, number, pluralOf, sentence } from './forms.js';

const plural = pluralOf('en');
const duration = durationOf('en');

const CANNOT_UNDO = 'This can’t be undone.';
const KEY_WORKS = 'Your API key keeps working.';
const KEY_STAYS = 'The API key stays the same.';
const list = new Intl.ListFormat('en', { type: 'conjunction' });

const UNITS = {
  second: { one: 'second', other: 'seconds' },
  minute: { one: 'minute', other: 'minutes' },
  hour: { one: 'hour', other: 'hours' },
  day: { one: 'day', other: 'days' },
};

function at(program: string, address: string | null): string {
  return address === null ? program : `${program} at ${address}`;
}

/** English. The type of every other language: each has every entry. "Generate Keys" and "API Access" are Frappe's names. */
export const en = {
  ui: {
    cancel: 'Cancel',
    close: 'Close',
    copied: 'Copied',
    disabled: 'Disabled',
    enabled: 'Enabled',
    endOf: (day: string) => `End of ${day}`,
    justNow: 'just now',
    loading: 'Loading',
    never: 'Never',
    left: (length: string) => `${length} left`,
    noRoles: 'No roles',
    notLoaded: 'This couldn’t be loaded',
    save: 'Save',
    saved: 'Saved',
    selectAndCopy: 'Select and copy',
    press: (keys: string) => `Press ${keys}`,
    showPassword: 'Show or hide password',
    soon: 'in a moment',
    tryAgain: 'Try again',
    unknownProgram: 'Unknown program',
    browserOn: (browser: string, system: string) => `${browser} on ${system}`,
    /** What a button copies, the name of that button, and what is said when it is done. */
    copy: {
      apiKey: { name: 'API key', copy: 'Copy API key', copied: 'API key copied' },
      apiSecret: { name: 'API secret', copy: 'Copy API secret', copied: 'API secret copied' },
      token: { name: 'token', copy: 'Copy token', copied: 'Token copied' },
      userName: { name: 'user name', copy: 'Copy user name', copied: 'User name copied' },
      example: (language: string) => ({
        name: `${language} example`,
        copy: `Copy ${language} example`,
        copied: `${language} example copied`,
      }),
    },
    stale: (fullName: string) => `${fullName} changed while you were editing. Your change was not saved.`,
    saveAnyway: 'Save mine anyway',
    takeNew: 'Use the new values',
  },

  layout: {
    skip: 'Skip to content',
    openMenu: 'Open menu',
    closeMenu: 'Close menu',
    navigation: 'Main',
    overview: 'Overview',
    users: 'Users',
    roles: 'Roles',
    activity: 'Activity',
    myAccess: 'My access',
    reference: 'API reference',
    appearance: 'Appearance',
    light: 'Light',
    dark: 'Dark',
    system: 'System',
    logOut: 'Log out',
    serverAway: 'Can’t reach the server. Retrying…',
    notFound: 'There is no page at this address',
    checkAddress: 'Check the address.',
    toStart: 'Back to start',
  },

  problem: {
    page: 'Something went wrong on this page. Reload it.',
    stale: 'This user was changed a moment ago. Check the new values, then try again.',
    unavailable: (seconds: number) =>
      `The database can’t be reached. Nothing was changed. Try again in ${duration(seconds)}.`,
    tooMany: (seconds: number) => `Too many attempts. Try again in ${duration(seconds)}.`,
    tryNow: 'You can try again now.',
    unreachable: 'The server doesn’t answer. Check your connection, then try again.',
    internal: 'Something went wrong on the server. Try again.',
    internalWithId: (requestId: string) =>
      `Something went wrong on the server. Give the request ID ${requestId} to the person who runs it.`,
    answered: (status: number) => `The server answered ${status}.`,
    sessionEnded: 'Your session has ended. Log in again.',
    address: 'The server can’t read this address. It may be incomplete or out of date.',
    tooLong: 'This is too long for the server. Shorten it.',
    /** By the server's code for what is wrong with a field. Of other codes, its own words are shown. */
    fields: {
      bad_full_name: 'Enter a name of 1 to 140 characters.',
      bad_name: 'Use 1 to 140 letters, digits, spaces, dots, hyphens and underscores. Begin with a letter or a digit.',
      bad_password: 'Use 12 to 512 characters.',
      bad_search: 'Search for at most 140 characters.',
      not_an_email: 'Enter an email address like anna@example.com, with at most 140 characters and no accents.',
      same_password: 'Choose a password other than the one-time password.',
    },
    wrongPassword: 'Wrong user name or password. Check both, then try again.',
    noLogIn: 'Latchkey can’t reach its database right now. Try again in a minute.',
  },

  login: {
    title: 'Log in',
    where: (host: string) => `to Latchkey on ${host}`,
    claim: 'One key for life.',
    claimGoesOn: 'A secret you can change any time.',
    about: 'API tokens for every user of this server.',
    ended: 'You were logged out',
    endedAbout: 'Your session has ended. Log in to continue where you left off.',
    user: 'Email or user name',
    password: 'Password',
    logIn: 'Log in',
    hint: 'First start? The one-time password is printed where Latchkey was started. Forgot your password? A System Manager can set a new one.',
    choose: 'Choose a password',
    chooseAbout: 'The one-time password works only once. Choose your own to continue.',
    newPassword: 'New password',
    atLeast: 'At least 12 characters.',
    set: 'Set password and continue',
  },

  overview: {
    title: 'Overview',
    about: 'The API keys of this server, and what was done last.',
    none: 'No keys yet',
    noneAbout: 'Open a user and generate keys.',
    toUsers: 'Go to Users',
    figures: {
      live: { name: 'Active keys', about: 'can call the API now' },
      neverUsed: { name: 'Never used', about: 'no request yet' },
      dormant: { name: 'Unused', about: 'no request for 90 days, or ever' },
      expiring: { name: 'Expiring soon', about: 'within 30 days' },
      revoked: { name: 'Revoked or expired', about: 'every request is refused' },
    },
    activity: 'Recent activity',
    allActivity: 'All activity',
  },

  /** Of the activity, what every page needs; the rest is in en-activity.ts. */
  activity: {
    title: 'Activity',
    ofUser: (fullName: string) => `What ${fullName} did, and what was done to this user.`,
    own: 'Your activity',
    ownAbout: 'What you did, and what was done to your account.',
    /** For the filter. */
    events: {
      'user.created': 'User created',
      'user.renamed': 'User renamed',
      'user.disabled': 'User disabled',
      'user.enabled': 'User enabled',
      'user.deleted': 'User deleted',
      'roles.changed': 'Roles given or taken',
      'role.created': 'Role created',
      'role.deleted': 'Role deleted',
      'secret.generated': 'Secret generated',
      'secret.rotated': 'Secret rotated',
      'secret.changed': 'Secret changed',
      'secret.revoked': 'Secret revoked',
      'scope.created': 'Scope created',
      'scope.changed': 'Scope changed',
      'scope.deleted': 'Scope deleted',
      'password.changed': 'Password changed',
      'session.opened': 'Logged in',
      'session.refused': 'Log-in refused',
      'session.ended': 'Session ended',
      'secret.refused_address': 'Address refused',
      'limit.reached': 'Limit reached',
      'audit.purged': 'Old rows deleted',
    } satisfies Record<AuditEvent, string>,
  },

  /** How often secrets were used. */
  usage: {
    title: 'API usage',
    lastDays: 'Last 30 days',
    none: 'Not used in the last 30 days',
    about: (counts: string) => `Last 30 days: ${counts}`,
    counts: (accepted: number, limited: number) =>
      `${number(accepted)} accepted${limited > 0 ? `, ${number(limited)} limited` : ''}`,
    accepted: 'Accepted',
    limited: 'Limited',
    asTable: 'Show as a table',
    daysOfUtc: 'Days are in UTC. Requests are counted here within 30 seconds.',
    day: 'Day',
    byDay: 'API usage by day',
    countAccepted: (count: number) => `${number(count)} accepted`,
    countLimited: (count: number) => `${number(count)} limited`,
    onDay: (day: string, accepted: number, limited: number) =>
      `${day}: ${number(accepted)} accepted, ${number(limited)} limited`,
  },

  users: {
    title: 'Users',
    about: 'Everyone who can log in or call the API, and the key each one has.',
    count: (total: Count) => `${countOf(total)} ${plural(total.count, { one: 'user', other: 'users' })}`,
    new: 'New user',
    search: 'Search by name, email or API key',
    clearSearch: 'Clear search',
    clear: 'Clear',
    any: 'Any',
    key: 'Key',
    role: 'Role',
    status: 'Status',
    keys: {
      live: 'Active',
      'never-used': 'Never used',
      'unused-30-days': 'Unused for 30 days',
      'unused-90-days': 'Unused for 90 days',
      expiring: 'Expires within 30 days',
      revoked: 'Revoked or expired',
      none: 'No key',
    },
    columns: {
      user: 'User',
      roles: 'Roles',
      key: 'API key',
      lastUsed: 'Last used',
      expires: 'Expires',
      created: 'Created',
      status: 'Status',
    },
    moreRoles: (count: ReactNode, unseen: (text: string) => ReactNode) => sentence('+', count, unseen(' more')),
    noMatch: (text: string) => `No users match “${text}”`,
    noFiltered: 'No users match these filters',
    noMatchAbout:
      'Search looks at the start of the email and of each word of the full name, or for a whole API key. Try fewer letters, or clear the filters.',
    noKeyAbout: 'No user has this API key. Check that it is whole: all 25 characters.',
    secretTyped: 'A secret can’t be searched for, and was not sent. Search for the key that goes with it (lk_…).',
    clearAll: 'Clear search and filters',
    noneOnPage: 'None on this page. There may be more on the pages before and after it.',
    range: (first: number, last: number) => `${number(first)}–${number(last)}`,
    rangeOf: (first: number, last: number, total: Count) => `${number(first)}–${number(last)} of ${countOf(total)}`,
    previous: 'Previous',
    next: 'Next',
    email: 'Email',
    emailAbout: 'This is also the user name. It can’t be changed.',
    fullName: 'Full name',
    roles: 'Roles',
    password: 'Password (optional)',
    passwordAbout: 'For logging in. Without one, the user can only call the API. At least 12 characters.',
    create: 'Create user',
  },

  user: {
    breadcrumb: 'Breadcrumb',
    users: 'Users',
    more: 'More',
    details: 'Details',
    roles: 'Roles',
    apiAccess: 'API Access',
    sessions: 'Sessions',
    activity: 'Activity',
    enable: 'Enable user',
    disable: 'Disable user',
    delete: 'Delete user',
    enabled: (fullName: string) => `${fullName} enabled`,
    disabled: (fullName: string) => `${fullName} disabled`,
    deleted: (fullName: string) => `${fullName} deleted`,
    disableTitle: (fullName: string) => `Disable ${fullName}?`,
    disableAbout: (fullName: string, active: number, open: number) => {
      const key =
        active === 0
          ? ''
          : plural(active, {
              one: ', and the active API secret is refused at once',
              other: `, and the ${number(active)} active API secrets are refused at once`,
            });
      const sessions = plural(open, {
        one: '1 open session ends now. ',
        other: `${number(open)} open sessions end now. `,
      });
      return `${fullName} can no longer log in${key}. ${open > 0 ? sessions : ''}Roles and the API key are kept, so you can enable the user again.`;
    },
    deleteTitle: (fullName: string) => `Delete ${fullName}?`,
    deleteAbout: (fullName: string, apiKey: string | undefined) =>
      apiKey === undefined
        ? `${CANNOT_UNDO} ${fullName}’s sessions and roles are deleted with the user. There is no API key.`
        : `${CANNOT_UNDO} ${fullName}’s API key ${apiKey}, sessions and roles are deleted with the user. The key is never given to anyone else, not even to a new user with the same name.`,
    noSuch: (name: string) => `There is no user “${name}”`,
    nobody: 'Nobody here',
    nobodyAbout: 'The user may have been deleted. Check the address.',
    toUsers: 'Back to Users',

    profile: 'Profile',
    fullName: 'Full name',
    email: 'Email',
    emailAbout: 'The email is also the user name. It can’t be changed.',
    noEmail: 'Administrator has no email.',
    password: 'Password',
    passwordAbout: (fullName: string) => `A new password ends all of ${fullName}’s sessions. API keys keep working.`,
    ownPassword: (myAccess: (name: string) => ReactNode) =>
      sentence('Change your own password in ', myAccess('My access'), '.'),
    newPassword: 'New password',
    passwordLength: '12 to 512 characters.',
    setPassword: 'Set a new password',
    passwordSet: 'Password set',
    passwordSetAbout: (fullName: string) =>
      `The new password is set. Send it to ${fullName} on a channel that nobody else reads.`,
    rolesAbout: (fullName: string) => `Changes take effect at once, also for programs that use ${fullName}’s key.`,
    saveRoles: 'Save roles',

    noKey: (fullName: string) => `${fullName} has no API key`,
    noKeyAbout:
      'Generate Keys creates an API key and a secret. The key stays the same for life; the secret can be replaced or revoked at any time.',
    generate: 'Generate Keys',
    keyTitle: 'API key',
    noSecret: 'No active secret',
    noSecretAbout:
      'Every request with this key is refused with 401. Generate Keys creates a new secret; the key stays the same.',
    keyOfDisabled: (fullName: string) => `${fullName} is disabled. This key is refused until you enable the user.`,
    keyForLife: (fullName: string) => `${fullName} keeps this key for life.`,
    stopsSecret: (fullName: string) =>
      `Revoking stops a secret of ${fullName} at once, on every server. Rotating can give programs time to change over.`,
  },

  /** Wherever a key and its secret are shown. */
  key: {
    active: 'Active',
    activeNeverUsed: 'Active · never used',
    unused: 'Unused for 90 days',
    retiring: 'Replaced, still works',
    revoked: 'Revoked',
    expired: 'Expired',
    none: 'No key',
    apiKey: 'API key',
    endsIn: (hint: ReactNode) => sentence('ends in ', hint),
    expires: 'Expires',
    lastUsed: 'Last used',
    created: 'Key created',
    by: (who: string) => `by ${who}`,
    you: 'you',
    command: 'the command line',
    revokeTitle: 'Revoke secret?',
    revoke: 'Revoke',
    revokeAbout: (name: string, hint: ReactNode, may: 'generate' | 'ask') =>
      sentence(
        `The secret ${name}, ending in `,
        hint,
        `, stops working at once. ${CANNOT_UNDO} `,
        may === 'generate' ? 'You can generate a new one later.' : 'A System Manager can generate a new one later.',
        ` ${KEY_STAYS}`,
      ),
    revokeBrings: (hint: ReactNode) =>
      sentence('The old secret that it has replaced, ending in ', hint, ', is active again until its end.'),
    secretRevoked: 'Secret revoked',
    revokeAll: 'Revoke all',
    revokeAllTitle: 'Revoke all secrets?',
    revokeAllAbout: (count: number, may: 'generate' | 'ask') =>
      `${plural(count, { one: 'One secret stops', other: `All ${number(count)} secrets stop` })} working at once. ${CANNOT_UNDO} ${may === 'generate' ? 'You can generate a new one later.' : 'A System Manager can generate a new one later.'} ${KEY_STAYS}`,
    allRevoked: 'Secrets revoked',
    endTitle: 'End the old secret now?',
    endNow: 'End now',
    endAbout: (name: string, hint: ReactNode) =>
      sentence(
        `The old secret ${name}, ending in `,
        hint,
        `, stops working at once. ${CANNOT_UNDO} Programs that have the new one are not affected.`,
      ),
    secretEnded: 'Old secret ended',
    inUse: 'This secret is in use',
    inUseAbout: (ago: ReactNode) => sentence('It was last used ', ago, '.'),
    howToSend: 'How to send it',
    howToSendAbout: 'One header on every request. The token is the key and the secret, with a colon between them.',
    token: 'Token',
    basic: 'Basic',
  },

  /** The secrets of a key: what each may, and what is done with it. */
  secrets: {
    title: 'Secrets',
    about: 'A program sends the API key with one of these. Each has a name, and can be limited.',
    dead: (count: number) => `${number(count)} revoked or expired`,
    mayDo: 'May do',
    everything: 'Everything that the user may',
    ownEverything: 'Everything that you may',
    nothing: 'Only prove who it is',
    networks: 'Networks',
    limits: 'Limits',
    /** So many requests in so many units. */
    limit: (requests: number, length: number, unit: keyof typeof UNITS) =>
      length === 1
        ? `${number(requests)} ${unit === 'hour' ? 'an' : 'a'} ${unit}`
        : `${number(requests)} in ${number(length)} ${plural(length, UNITS[unit])}`,
    ends: 'Ends',
    created: 'Created',
    replaced: 'Replaced',
    usedFrom: (ago: ReactNode, address: ReactNode, program: ReactNode) =>
      sentence(ago, ' from ', address, ' by ', program),
    buttons: {
      rotate: { text: 'Rotate', of: (name: string) => `Rotate the secret ${name}` },
      edit: { text: 'Edit', of: (name: string) => `Edit the secret ${name}` },
      revoke: { text: 'Revoke', of: (name: string) => `Revoke the secret ${name}` },
      keepLonger: { text: 'Keep longer', of: (name: string) => `Keep longer: the old secret ${name}` },
      endNow: { text: 'End now', of: (name: string) => `End now: the old secret ${name}` },
    },

    add: 'Add secret',
    addAbout: 'One more secret for this key. The others go on working.',
    generateAbout: 'Makes the secret “default”. It may do all that the user may, unless you limit it here.',
    generateEnds: (hint: ReactNode) =>
      sentence(
        'The current secret default, ending in ',
        hint,
        `, stops working at once. Every program that still uses it gets 401 until you give it the new one. To give programs time, rotate it instead. ${KEY_STAYS}`,
      ),
    othersGoOn: (names: readonly string[]) =>
      plural(names.length, {
        one: `The secret ${names[0]} goes on working.`,
        other: `The secrets ${list.format(names)} go on working.`,
      }),
    editTitle: (name: string) => `Edit the secret ${name}`,
    name: 'Name',
    nameAbout: 'What it is for, as in ci or backup.',
    nameTaken: (name: string) => `There is an active secret ${name} already. Rotate that one, or choose another name.`,
    expiresIn: (days: number) => (days === 365 ? 'In a year' : `In ${number(days)} days`),
    expiresOn: 'On a date',
    lastDay: 'Last day',
    sameExpiry: (date: string) => `As it is: ${date}`,
    sameLifetime: (length: string) => `As before: after ${length}`,
    some: 'Only what these scopes allow',
    scopes: 'Scopes',
    searchScopes: 'Search scopes',
    noScope: (text: string) => `No scope matches “${text}”.`,
    noneChosen: 'No scope chosen: it can only prove who it is.',
    allBelow: (name: string) => `All that begin with ${name}:`,
    networksAbout:
      'From where it may be used: one address or network a line, as in 192.0.2.0/24. Empty: from anywhere.',
    badNetwork: {
      form: (line: string) => `“${line}” is no address or network, as in 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.`,
      length: (line: string, most: string) => `“${line}” has to end in a length from 0 to ${most}.`,
      'host bits': (line: string, network: string) =>
        `“${line}” is an address within a network. The network is ${network}.`,
    },
    limitsAbout: 'How often it may be used, on all servers together. More requests get 429. None: no limit.',
    limitOf: (index: number) => `Limit ${number(index)}`,
    addLimit: 'Add limit',
    removeLimit: (index: number) => `Remove limit ${number(index)}`,
    requests: 'Requests',
    requestsPer: 'requests per',
    windowLength: 'Length of time',
    windowUnit: 'Unit of time',
    units: (length: number, unit: keyof typeof UNITS) => plural(length, UNITS[unit]),
    sameLimits: (limits: string) => `Limits as before: ${limits}. Until the old one stops working, both share them.`,
    leavesOut: (address: string) =>
      `These networks leave out ${address}, from where you logged in. The secret won’t work from there.`,

    rotate: 'Rotate',
    rotateTitle: (name: string) => `Rotate the secret ${name}`,
    rotateAbout: 'Creates a new secret that may do the same, for as long. The API key stays the same.',
    overlap: (hint: ReactNode) => sentence('The old one, ending in ', hint, ', stops working'),
    atOnce: 'At once',
    after: (length: string) => `After ${length}`,
    usedLast: 'Old secret last used',
    underWay: 'A rotation is under way',
    underWayAbout: (hint: ReactNode, end: string) =>
      sentence(
        'The secret ending in ',
        hint,
        ` still works until ${end}. Rotating at once ends it as well. For another overlap, end it first.`,
      ),
    keepLonger: 'Keep longer',
    keepLongerTitle: 'Keep the old secret longer',
    keepLongerAbout: (name: string, hint: ReactNode, end: string) =>
      sentence(`The old secret ${name}, ending in `, hint, `, works until ${end}.`),
    keepFor: 'Keep it for another',
    keepsUntil: (end: string) => `It then works until ${end}.`,

    answerLost: 'The answer was lost, and the server can’t be asked whether a secret was created.',
    replacedAndLost: 'The secret was replaced, but the answer was lost. Rotate it again, at once.',
    createdAndLost: 'A secret was created, but the answer was lost. Rotate it, at once, to get another.',
    rotatedAndLost:
      'A new secret was created, but the answer was lost. Revoke it, which makes the old one active again; then rotate once more.',
  },

  /** The dialog that shows a new secret. */
  keys: {
    title: 'API keys',
    for: (fullName: string, user: string, name: string) => `For ${fullName} · ${user} · secret ${name}`,
    once: 'The secret is shown only once',
    onceAbout: 'Copy or download it now. Latchkey keeps only a fingerprint of it, so nobody can show it to you again.',
    sessionEnded: 'Your session has ended',
    sessionEndedAbout: 'The secret still works. Copy it now: once this window is closed, you have to log in again.',
    copyToken: 'Copy token',
    download: 'Download CSV',
    tokenAbout: 'The token is the key and the secret, with a colon between them.',
    done: 'Done',
    notCopied: 'You haven’t copied the secret yet',
    notCopiedAbout: 'Once this window is closed, all you can do is create another one.',
    oldGoesOn: (hint: ReactNode, end: string) =>
      sentence('The old secret, ending in ', hint, `, goes on working until ${end}.`),
    goBack: 'Go back',
    closeAnyway: 'Close anyway',
    use: 'Use it',
    try: 'Try it',
    tryAbout: 'Calls the server with this token and shows which user it belongs to.',
    noAnswer: 'No answer',
    noAnswerAbout: 'The server can’t be reached.',
    milliseconds: (count: number) => `${number(count)} ms`,
  },

  sessions: {
    title: 'Sessions',
    ownAbout: 'Where you are logged in with a password.',
    about: (fullName: string) => `Where ${fullName} is logged in with a password.`,
    ownConsequence: `Logging out ends sessions at once, on every server. ${KEY_WORKS}`,
    consequence: 'Logging out ends sessions at once, on every server. The API key keeps working.',
    ownNone: 'You aren’t logged in anywhere.',
    none: (fullName: string) => `${fullName} isn’t logged in anywhere.`,
    everywhere: 'Log out everywhere',
    everywhereTitle: 'Log out everywhere?',
    everywhereElse: 'Log out everywhere else',
    everywhereElseTitle: 'Log out everywhere else?',
    /** @param open undefined while nobody knows. */
    ends: (open: number | undefined) =>
      open === undefined
        ? 'All sessions end at once. The API key keeps working.'
        : `${plural(open, { one: 'One session ends at once.', other: `All ${number(open)} sessions end at once.` })} The API key keeps working.`,
    ownEnds: (open: number | undefined) => {
      const sessions = open === undefined ? 'All' : `All ${number(open)}`;
      return open === 1
        ? `This session ends at once, and you have to log in again. ${KEY_WORKS}`
        : `${sessions} sessions end at once, including this one, and you have to log in again. ${KEY_WORKS}`;
    },
    othersEnd: (open: number) =>
      `${plural(open, { one: 'One other session ends at once.', other: `${number(open)} other sessions end at once.` })} ${KEY_WORKS}`,
    activeNow: 'active now',
    lastSeen: (ago: ReactNode) => sentence('last seen ', ago),
    loggedIn: (date: ReactNode) => sentence('Logged in ', date),
    current: 'This session',
    logOut: 'Log out',
    logOutOf: (program: string, address: string | null) => `Log out of this session: ${at(program, address)}`,
    end: 'End',
    endOf: (program: string, address: string | null) => `End session: ${at(program, address)}`,
    ended: 'Session ended',
    allEnded: 'Sessions ended',
  },

  roles: {
    title: 'Roles',
    about: 'What users may do. Give roles to a user on the user’s page.',
    new: 'New role',
    name: 'Name',
    create: 'Create role',
    created: (role: string) => `Role ${role} created`,
    builtIn: 'Built in',
    inUse: 'In use',
    delete: 'Delete',
    deleteRole: (role: string) => `Delete the role ${role}`,
    deleteTitle: 'Delete role?',
    deleteAbout: (role: string) =>
      `Nobody has the role ${role}. Programs that require it refuse everyone until it is created and given again.`,
    deleted: (role: string) => `Role ${role} deleted`,
  },

  me: {
    title: 'My access',
    key: 'Your API key',
    keyAbout: 'Programs that use this key act as you, with your roles.',
    noKey: 'You have no API key',
    noKeyManager: 'Generate one under API Access on your user page.',
    noKeyOther: 'Ask a System Manager to generate one for you. It will appear here.',
    toApiAccess: 'Your API Access',
    stopsSecret: 'Revoking stops a secret at once, on every server.',
    noSecretManager:
      'No active secret: every request with this key is refused with 401. Generate a new one; the key stays the same.',
    noSecretOther:
      'No active secret: every request with this key is refused with 401. Ask a System Manager to generate a new one; the key stays the same.',
    profile: 'Profile',
    fullName: 'Full name',
    userName: 'User name',
    email: 'Email',
    roles: 'Roles',
    noRoles: 'None. A System Manager can give you roles.',
    password: 'Password',
    passwordAbout: `Changing it logs you out everywhere else. ${KEY_WORKS}`,
    currentPassword: 'Current password',
    newPassword: 'New password',
    passwordLength: '12 to 512 characters.',
    confirmPassword: 'Confirm new password',
    passwordsDiffer: 'Passwords don’t match.',
    changePassword: 'Change password',
    passwordChanged: 'Password changed',
    passwordChangedAbout: 'Changed. You are logged out everywhere else.',
  },
};

export type Words = typeof en;
