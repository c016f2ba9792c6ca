import styles from './Avatar.module.css';

/** Initials beside a name: of the first word and the last, or the first two letters of the only one. */
export function initials(fullName: string): string {
  const words = fullName.trim().split(/\s+/);
  const letters = words.length > 1 ? first(words[0]!, 1) + first(words.at(-1)!, 1) : first(words[0]!, 2);
  return letters.toLocaleUpperCase();
}

export function Avatar({ name, large, dull }: { name: string; large?: boolean; dull?: boolean }) {
  const looks = [styles.avatar, large && styles.large, dull && styles.dull].filter(Boolean).join(' ');
  return (
    <span className={looks} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

function first(word: string, count: number): string {
  return [...word].slice(0, count).join('');
}
