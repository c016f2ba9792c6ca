import type { components } from '../../../api.schema.js';
import type { Secret } from '../../../api.js';
import { type RateLimit, type Unit, UNITS, windowOf } from '../../../ui/rate-limits.js';
import { linesOf } from './networks.js';

export type SecretFields = components['schemas']['PatchSecret'];

/** In days, on a day, never, or as it is (of a new secret: as long as that of the one that it replaces). */
export type Expiry = 'same' | 'never' | 'day' | `${(typeof LIFETIMES)[number]}`;

export const LIFETIMES = [30, 60, 90, 365] as const;
const DAY_MS = 86_400_000;

/** A limit as somebody types it: so many requests in so many seconds, minutes, hours or days. */
export interface LimitDraft {
  readonly requests: string;
  readonly length: string;
  readonly unit: Unit;
}

/** What somebody makes of the fields of a secret. */
export interface SecretDraft {
  name: string;
  expiry: Expiry;
  /** With `day`: as an input of that type has it. */
  day: string;
  scopes: string[] | null;
  /** One a line; none is for anywhere. */
  networks: string;
  /** None is for no limit. */
  limits: LimitDraft[];
}

/** @param secret to begin with; undefined for an unlimited one. */
export function draftOf(secret: Secret | undefined): SecretDraft {
  return {
    name: secret?.name ?? '',
    expiry: secret?.expiresAt == null ? 'never' : 'same',
    day: '',
    scopes: secret?.scopes ?? null,
    networks: secret?.allowedNetworks?.join('\n') ?? '',
    limits: (secret?.limits ?? []).map(limitDraftOf),
  };
}

/** What was changed, as the server takes it. Whoever says nothing of the expiry leaves it to the server. */
export function changesIn(draft: SecretDraft, base: SecretDraft): SecretFields {
  const differs = (field: keyof SecretDraft) => JSON.stringify(draft[field]) !== JSON.stringify(base[field]);
  return {
    ...(differs('name') && { name: draft.name }),
    ...(differs('scopes') && { scopes: draft.scopes }),
    ...(differs('networks') && { allowedNetworks: networksOf(draft) }),
    ...(JSON.stringify(limitsOf(draft)) !== JSON.stringify(limitsOf(base)) && { limits: limitsOf(draft) }),
    ...(differs('expiry') && { expiresAt: endOf(draft) }),
  };
}

function networksOf({ networks }: SecretDraft): string[] | null {
  const lines = linesOf(networks);
  return lines.length === 0 ? null : lines;
}

function limitDraftOf({ requests, seconds }: RateLimit): LimitDraft {
  const { length, unit } = windowOf(seconds);
  return { requests: String(requests), length: String(length), unit };
}

function limitsOf({ limits }: SecretDraft): RateLimit[] | null {
  if (limits.length === 0) return null;
  return limits.map(({ requests, length, unit }) => ({
    requests: Number(requests),
    seconds: Number(length) * UNITS[unit],
  }));
}

/** All but the name and the expiry said, also where they are as they were. */
export function allOf(draft: SecretDraft, base: SecretDraft): SecretFields {
  return {
    ...changesIn(draft, base),
    scopes: draft.scopes,
    allowedNetworks: networksOf(draft),
    limits: limitsOf(draft),
  };
}

function endOf({ expiry, day }: SecretDraft): string | null {
  if (expiry === 'never' || expiry === 'same') return null;
  if (expiry !== 'day') return new Date(Date.now() + Number(expiry) * DAY_MS).toISOString();
  const end = new Date(`${day}T00:00`);
  end.setDate(end.getDate() + 1); // to the end of that day, where the viewer is
  return end.toISOString();
}
