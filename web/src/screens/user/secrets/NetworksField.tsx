import { Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { sessionsQuery } from '../../../queries.js';
import { useMe } from '../../../session.js';
import { Notice } from '../../../ui/Notice.js';
import { words } from '../../../words/index.js';
import { leavesOut, networkProblem } from './networks.js';
import styles from './SecretForm.module.css';

interface Props {
  value: string;
  onChange: (value: string) => void;
  /** What the server says. */
  error: string | undefined;
}

export function NetworksField({ value, onChange, error }: Props) {
  const me = useMe();
  const sessions = useQuery(sessionsQuery(me.name));
  // The server does not tell the page its address; it has kept the one from which this session was opened.
  const address = sessions.data?.find(({ current }) => current)?.address ?? null;
  const problem = networkProblem(value);
  return (
    <div className={styles.field}>
      <Textarea
        label={words.secrets.networks}
        description={words.secrets.networksAbout}
        classNames={{ input: styles.networks! }}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        rows={3}
        autoComplete="off"
        spellCheck={false}
        autoCapitalize="off"
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        error={problem ? words.secrets.badNetwork[problem.kind](problem.line, problem.fit) : error}
      />
      <div aria-live="polite">
        {address !== null && leavesOut(value, address) && (
          <Notice tone="warn">{words.secrets.leavesOut(address)}</Notice>
        )}
      </div>
    </div>
  );
}
