import type { Scope } from '../../../api.js';

const ALL_BELOW = ':*';

/** A scope that can be chosen; without a description where it is a group, `reports:*`, or not known any more. */
export interface Choice {
  readonly name: string;
  readonly description: string | undefined;
}

/** The scopes that are known and their groups, by name, each group before what is in it. */
export function choicesOf(known: readonly Scope[], chosen: readonly string[]): Choice[] {
  const choices = new Map<string, Choice>();
  for (const { name, description } of known) {
    choices.set(name, { name, description });
    for (let end = name.indexOf(':'); end > 0; end = name.indexOf(':', end + 1)) {
      const group = name.slice(0, end) + ALL_BELOW;
      choices.set(group, { name: group, description: undefined });
    }
  }
  for (const name of chosen) if (!choices.has(name)) choices.set(name, { name, description: undefined });
  return [...choices.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether one of the groups that were chosen has it already. */
export function isCovered(name: string, chosen: readonly string[]): boolean {
  return chosen.some((other) => other !== name && isGroup(other) && name.startsWith(other.slice(0, -1)));
}

export function isGroup(name: string): boolean {
  return name.endsWith(ALL_BELOW);
}

/** Those that were chosen, and this one, or without it. A group takes the place of what is in it. */
export function toggled(chosen: readonly string[], name: string): string[] {
  if (chosen.includes(name)) return chosen.filter((other) => other !== name);
  const all = [...chosen, name];
  return all.filter((other) => !isCovered(other, all)).toSorted();
}

/** Whether a search finds it: by any part of the name or of the description. */
export function isFound({ name, description = '' }: Choice, search: string): boolean {
  const text = search.trim().toLowerCase();
  return name.includes(text) || description.toLowerCase().includes(text);
}
