import '@mantine/core/styles/Checkbox.layer.css';
import '@mantine/core/styles/InlineInput.layer.css';
import '@mantine/core/styles/Radio.layer.css';
import { Checkbox, Radio, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { describeProblem } from '../../../problem.js';
import { scopesQuery } from '../../../queries.js';
import { Notice } from '../../../ui/Notice.js';
import { Tag } from '../../../ui/Tag.js';
import { words } from '../../../words/index.js';
import { type Choice, choicesOf, isCovered, isFound, isGroup, toggled } from './scope-choice.js';
import styles from './SecretForm.module.css';

interface Props {
  value: string[] | null;
  onChange: (value: string[] | null) => void;
  error: string | undefined;
}

export function ScopesField({ value, onChange, error }: Props) {
  // Whoever looks at the other choice does not lose what was picked.
  const [picked, setPicked] = useState(value ?? []);
  const pick = (scopes: string[]) => {
    setPicked(scopes);
    onChange(scopes);
  };
  return (
    <div className={styles.field}>
      <Radio.Group
        label={words.secrets.mayDo}
        value={value === null ? 'everything' : 'some'}
        onChange={(choice) => onChange(choice === 'some' ? picked : null)}
        error={error}
      >
        <div className={styles.radios}>
          <Radio value="everything" label={words.secrets.everything} />
          <Radio value="some" label={words.secrets.some} />
        </div>
      </Radio.Group>
      {value !== null && <Scopes chosen={value} onChange={pick} />}
    </div>
  );
}

function Scopes({ chosen, onChange }: { chosen: string[]; onChange: (chosen: string[]) => void }) {
  const [search, setSearch] = useState('');
  const { data: known, error } = useQuery(scopesQuery);
  const all = choicesOf(known ?? [], chosen);
  const found = all.filter((choice) => isFound(choice, search));
  return (
    <div className={styles.scopes}>
      <TextInput
        type="search"
        label={words.secrets.searchScopes}
        value={search}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
        // Enter would send the form.
        onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
        autoComplete="off"
        spellCheck={false}
      />
      {error !== null && <Notice tone="bad">{describeProblem(error)}</Notice>}
      <fieldset className={styles.choice}>
        <legend className={styles.unseen}>{words.secrets.scopes}</legend>
        {found.map((choice) => (
          <ScopeChoice
            key={choice.name}
            choice={choice}
            chosen={chosen}
            onToggle={() => onChange(toggled(chosen, choice.name))}
          />
        ))}
        {known !== undefined && found.length === 0 && <p className={styles.muted}>{words.secrets.noScope(search)}</p>}
      </fieldset>
      <output className={styles.chosen}>
        {chosen.length === 0 ? words.secrets.noneChosen : chosen.map((name) => <Tag key={name}>{name}</Tag>)}
      </output>
    </div>
  );
}

interface ChoiceProps {
  choice: Choice;
  chosen: readonly string[];
  onToggle: () => void;
}

function ScopeChoice({ choice: { name, description }, chosen, onToggle }: ChoiceProps) {
  const covered = isCovered(name, chosen);
  return (
    <Checkbox
      classNames={{ description: styles.about! }}
      label={<code>{name}</code>}
      description={description ?? (isGroup(name) ? words.secrets.allBelow(name.slice(0, -2)) : undefined)}
      checked={covered || chosen.includes(name)}
      disabled={covered}
      onChange={onToggle}
    />
  );
}
