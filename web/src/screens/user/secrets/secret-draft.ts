import type { components } from '../../../api.schema.js';
import type { Secret } from '../../../api.js';
import { linesOf } from './networks.js';

export type SecretFields = components['schemas']['PatchSecret'];

/** In days, on a day, never, or as it is (of a new secret: as long as that of the one that it replaces). */
export type Expiry = 'same' | 'never' | 'day' | `${(typeof LIFETIMES)[number]}`;

export const LIFETIMES = [30, 60, 90, 365] as const;
const DAY_MS = 86_400_000;

/** What somebody makes of the fields of a secret. */
export interface SecretDraft {
  name: string;
  expiry: Expiry;
  /** With `day`: as an input of that type has it. */
  day: string;
  scopes: string[] | null;
  /** One a line; none is for anywhere. */
  networks: string;
}

/** @param secret to begin with; undefined for an unlimited one. */
export function draftOf(secret: Secret | undefined): SecretDraft {
  return {
    name: secret?.name ?? '',
    expiry: secret?.expiresAt == null ? 'never' : 'same',
    day: '',
    scopes: secret?.scopes ?? null,
    networks: secret?.allowedNetworks?.join('\n') ?? '',
  };
}

/** What was changed, as the server takes it. Whoever says nothing of the expiry leaves it to the server. */
export function changesIn(draft: SecretDraft, base: SecretDraft): SecretFields {
  const differs = (field: keyof SecretDraft) => JSON.stringify(draft[field]) !== JSON.stringify(base[field]);
  return {
    ...(differs('name') && { name: draft.name }),
    ...(differs('scopes') && { scopes: draft.scopes }),
    ...(differs('networks') && { allowedNetworks: networksOf(draft) }),
    ...(differs('expiry') && { expiresAt: endOf(draft) }),
  };
}

function networksOf({ networks }: SecretDraft): string[] | null {
  const lines = linesOf(networks);
  return lines.length === 0 ? null : lines;
}

/** All but the name and the expiry said, also where they are as they were. */
export function allOf(draft: SecretDraft, base: SecretDraft): SecretFields {
  return { ...changesIn(draft, base), scopes: draft.scopes, allowedNetworks: networksOf(draft) };
}

function endOf({ expiry, day }: SecretDraft): string | null {
  if (expiry === 'never' || expiry === 'same') return null;
  if (expiry !== 'day') return new Date(Date.now() + Number(expiry) * DAY_MS).toISOString();
  const end = new Date(`${day}T00:00`);
  end.setDate(end.getDate() + 1); // to the end of that day, where the viewer is
  return end.toISOString();
}
