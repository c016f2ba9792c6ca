import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AuditRecord } from '../../api.js';
import type { ActivitySearch } from '../../search-params.js';
import { isManager, useMe } from '../../session.js';
import { activityWords } from '../../words/activity.js';
import { words } from '../../words/index.js';
import { browserName } from '../browser-name.js';
import { DefinitionList } from '../DefinitionList.js';
import { exactTime, localTime } from '../time-words.js';
import styles from './RowDetails.module.css';
import { changeIn, type Known, nameOf } from './told.js';

/** Details that are ids, and what finds the rows that have them. */
const IDS: Readonly<Record<string, keyof ActivitySearch | undefined>> = {
  session: 'credential',
  sessions: 'credential',
  endedSessions: 'credential',
  replaces: 'secretId',
  replacedBy: 'secretId',
};
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** All that a row says: what was changed, from where, and by what. What it has in common with others leads to those. */
export function RowDetails({ record, known }: { record: AuditRecord; known: Known | undefined }) {
  const me = useMe();
  const { actor, subject, apiKey, secretId, credential, address, userAgent, requestId, details } = record;
  const changed = Object.keys(details).filter((field) => changeIn(details, field));
  const others = Object.keys(details).filter((field) => !changed.includes(field));
  const id = (filter: keyof ActivitySearch, value: string | null) =>
    value === null ? undefined : (
      <Only search={{ [filter]: value }}>
        <code>{value}</code>
      </Only>
    );
  // The filter for people finds a role as well, by its name, but no scope.
  const person = (name: string | null) =>
    name === null ? undefined : record.event.startsWith('scope') && name === subject ? (
      name
    ) : (
      <Only search={{ user: name }}>{nameOf(name, me, known)}</Only>
    );
  return (
    <div className={styles.details}>
      {changed.length > 0 && <Changes details={details} fields={changed} />}
      <DefinitionList
        rows={[
          ...others.map((field) => ({ term: fieldName(field), value: <Value field={field} value={details[field]} /> })),
          { term: activityWords.event, value: words.activity.events[record.event] },
          { term: activityWords.time, value: exactTime(Date.parse(record.at)) },
          { term: activityWords.by, value: person(actor) },
          { term: activityWords.credential, value: id('credential', credential) },
          { term: activityWords.subject, value: person(subject) },
          { term: activityWords.apiKey, value: id('apiKey', apiKey) },
          { term: activityWords.secretId, value: id('secretId', secretId) },
          { term: activityWords.address, value: id('address', address) },
          {
            term: activityWords.program,
            value: userAgent === null ? undefined : <span title={userAgent}>{browserName(userAgent)}</span>,
          },
          { term: activityWords.requestId, value: requestId === null ? undefined : <code>{requestId}</code> },
          { term: activityWords.n, value: <code>{record.n}</code> },
          { term: activityWords.hash, value: <code>{record.hash}</code> },
        ]}
      />
    </div>
  );
}

function Changes({ details, fields }: { details: AuditRecord['details']; fields: string[] }) {
  return (
    <table className={styles.changes} aria-label={activityWords.changes}>
      <thead>
        <tr>
          <th scope="col">{activityWords.field}</th>
          <th scope="col">{activityWords.before}</th>
          <th scope="col">{activityWords.after}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <tr key={field}>
            <th scope="row">{fieldName(field)}</th>
            <td>
              <Value field={field} value={changeIn(details, field)!.before} />
            </td>
            <td>
              <Value field={field} value={changeIn(details, field)!.after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A list one below the other; of others what people write. */
function Value({ field, value }: { field: string; value: unknown }): ReactNode {
  if (value === null) return textOf(activityWords.unlimited, field) ?? activityWords.nothing;
  if (typeof value === 'boolean') return value ? activityWords.yes : activityWords.no;
  if (Array.isArray(value)) {
    if (value.length === 0) return activityWords.nothing;
    return value.map((one: unknown) => (
      <p key={String(one)}>
        <Text field={field} text={String(one)} />
      </p>
    ));
  }
  if (typeof value === 'string') return TIME.test(value) ? <Moment at={value} /> : <Text field={field} text={value} />;
  return typeof value === 'number' ? String(value) : <code>{JSON.stringify(value)}</code>;
}

/** The id of a session or of a secret leads to the rows that have it. */
function Text({ field, text }: { field: string; text: string }): ReactNode {
  const filter = IDS[field];
  return filter === undefined ? text : <Only search={{ [filter]: text }}>{<code>{text}</code>}</Only>;
}

/** Leads a System Manager to all rows with that in common. */
function Only({ search, children }: { search: ActivitySearch; children: ReactNode }): ReactNode {
  if (!isManager(useMe())) return children;
  return (
    <Link to="/activity" search={search}>
      {children}
    </Link>
  );
}

function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactTime(Date.parse(at))}>
      {localTime(Date.parse(at))}
    </time>
  );
}

function fieldName(field: string): string {
  return textOf(activityWords.fields, field) ?? field;
}

function textOf(texts: Readonly<Record<string, string | undefined>>, field: string): string | undefined {
  return texts[field];
}
