import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { answer, api } from '../../api.js';
import { withoutSecret } from '../../without-secret.js';
import { activityWords } from '../../words/activity.js';
import { TextFilter } from './TextFilter.js';

const PAUSE_MS = 200;
const SUGGESTED = 8;

/** By the name of a user, which the browser suggests for what is typed of the email or the full name. */
export function PersonFilter({ value, onChange }: { value: string | undefined; onChange: (name: string) => void }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(withoutSecret(typed), PAUSE_MS);
  const { data: users = [] } = useQuery({
    queryKey: ['users', 'suggested', search],
    queryFn: async ({ signal }) =>
      (await answer(api.GET('/v1/users', { params: { query: { search, limit: SUGGESTED } }, signal }))).data,
    enabled: search !== '',
    placeholderData: keepPreviousData,
  });
  /** A full name that was typed out means its user. */
  const change = (text: string) => {
    const user = users.find(({ fullName }) => fullName.toLocaleLowerCase() === text.toLocaleLowerCase());
    onChange(user?.name ?? text);
  };
  const type = (text: string) => {
    setTyped(text);
    if (users.some(({ name }) => name === text)) onChange(text); // one of those suggested was taken
  };
  return (
    <>
      <TextFilter
        label={activityWords.person}
        placeholder={activityWords.personAbout}
        value={value}
        onChange={change}
        keep={withoutSecret}
        onType={type}
        list={id}
      />
      <datalist id={id}>
        {users.map(({ name, fullName }) => (
          <option key={name} value={name}>
            {fullName}
          </option>
        ))}
      </datalist>
    </>
  );
}
