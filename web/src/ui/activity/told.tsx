import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AuditRecord, Principal } from '../../api.js';
import { isManager } from '../../session.js';
import type { Told } from '../../words/forms.js';
import { activityWords } from '../../words/activity.js';
import { localTime } from '../time-words.js';

/** A user whose full name is known where the rows are shown. */
export interface Known {
  readonly name: string;
  readonly fullName: string;
}

interface Change {
  readonly before: unknown;
  readonly after: unknown;
}

const TABS = {
  secret: 'api-access',
  roles: 'roles',
  session: 'sessions',
  password: 'details',
  user: 'details',
} as const;

/** Details that were too long for the server are left out. */
const UNKNOWN = '…';

/** The sentence about a row. */
export function Sentence({ record, me, known }: { record: AuditRecord; me: Principal; known: Known | undefined }) {
  return activityWords.did[record.event](toldOf(record, me, known));
}

function toldOf(record: AuditRecord, me: Principal, known: Known | undefined): Told {
  const { actor, subject, credential, details } = record;
  const isOwn = actor === subject;
  const isMine = subject === me.name;
  const name = subject === null ? null : <Subject record={record} isLink={isManager(me)} known={known} />;
  const owner = isMine ? activityWords.your : name && activityWords.possessive(name);
  const sessions = listOf(details.sessions);
  const [before, after] = [listOf(changeIn(details, 'roles')?.before), listOf(changeIn(details, 'roles')?.after)];
  const retiresAt = changeIn(details, 'retiresAt')?.after;
  return {
    who: <b>{nameOf(actor, me, known)}</b>,
    whom: isMine ? (isOwn ? activityWords.yourself : activityWords.toYou) : isOwn ? activityWords.themselves : name,
    whose: isOwn && !isMine ? activityWords.their : owner,
    owner,
    isOwn,
    secret: <b>{String(details.name ?? UNKNOWN)}</b>,
    fullName: String(changeIn(details, 'fullName')?.after ?? UNKNOWN),
    given: after.filter((role) => !before.includes(role)),
    taken: before.filter((role) => !after.includes(role)),
    changed: Object.keys(details).filter((field) => changeIn(details, field)),
    count: Number(details.count ?? details.rows ?? sessions.length) || 1,
    isOneTime: details.oneTimeUntil !== undefined,
    isReplaced: details.replacedBy !== undefined,
    retiresAt: typeof retiresAt === 'string' ? localTime(Date.parse(retiresAt)) : (retiresAt as null | undefined),
    isLogOut: sessions.length === 1 && sessions[0] === credential,
  };
}

/** At the start of a sentence, or alone. */
export function nameOf(name: string, me: Principal, known: Known | undefined): string {
  if (name === me.name) return activityWords.you;
  if (name === known?.name) return known.fullName;
  return { command: activityWords.command, Guest: activityWords.somebody }[name] ?? name;
}

/** A user leads to where one sees what was changed; a role and a scope have no page of their own. */
function Subject({
  record,
  isLink,
  known,
}: {
  record: AuditRecord;
  isLink: boolean;
  known: Known | undefined;
}): ReactNode {
  const name = record.subject!;
  const kind = record.event.split('.')[0] as keyof typeof TABS;
  if (name === known?.name) return known.fullName;
  if (!isLink || record.event === 'user.deleted' || TABS[kind] === undefined) return <b>{name}</b>;
  return (
    <Link to="/user/$name" params={{ name }} search={{ tab: TABS[kind] }}>
      {name}
    </Link>
  );
}

/** `{before, after}` of a field; undefined where it has not changed. */
export function changeIn(details: AuditRecord['details'], field: string): Change | undefined {
  const value = details[field];
  return typeof value === 'object' && value !== null && 'before' in value && 'after' in value
    ? (value as Change)
    : undefined;
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
