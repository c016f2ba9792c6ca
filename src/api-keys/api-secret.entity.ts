import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { instant } from '../database/instant.js';
import { list } from '../database/list.js';
import { type RateLimit, rateLimits } from '../users/rate-limits.js';
import { ApiKey } from './api-key.entity.js';

@Entity('lk_api_secrets')
@Index('lk_api_secrets_api_key', ['apiKey'])
// These indices have all columns that lists and the overview ask for, so no row is read.
@Index('lk_api_secrets_end', ['revokedAt', 'expiresAt', 'apiKey', 'revokedBy'])
@Index('lk_api_secrets_use', ['revokedAt', 'lastUsedAt', 'createdAt', 'expiresAt', 'apiKey'])
@Index('lk_api_secrets_created', ['createdAt', 'apiKey'])
// For the list of all secrets, in the order that each filter has.
@Index('lk_api_secrets_newest', ['createdAt', 'id'])
@Index('lk_api_secrets_name', ['name', 'createdAt', 'id'])
@Index('lk_api_secrets_retiring', ['retiresAt', 'id'])
@Index('lk_api_secrets_expiring', ['expiresAt', 'id'])
@Index('lk_api_secrets_used', ['lastUsedAt', 'id'])
@Index('lk_api_secrets_revoked', ['revokedAt', 'id'])
@Index('lk_api_secrets_unrevoked_used', ['revokedAt', 'lastUsedAt', 'id'])
export class ApiSecret {
  @PrimaryColumn('varchar', { length: 36 })
  id: string;

  @Column('varchar', { name: 'api_key', length: 140 })
  apiKey: string;

  @ManyToOne(() => ApiKey)
  @JoinColumn({ name: 'api_key', foreignKeyConstraintName: 'lk_api_secrets_api_key_fk' })
  apiKeyRow?: ApiKey;

  /** What it is for. A key has one current secret of each name, and during a rotation a retiring one. */
  @Column('varchar', { length: 60, default: 'default' })
  name: string;

  /** How `digest` was made; imported secrets can have another algorithm. */
  @Column('varchar', { length: 20 })
  algorithm: string;

  @Column('varchar', { length: 255 })
  digest: string;

  /** The last four characters of the secret. */
  @Column('varchar', { length: 4 })
  hint: string;

  @Column('bigint', { name: 'created_at', transformer: instant })
  createdAt: Date;

  /** The name of the user who generated it, or `command`. */
  @Column('varchar', { name: 'created_by', length: 140 })
  createdBy: string;

  @Column('bigint', { name: 'expires_at', nullable: true, transformer: instant })
  expiresAt: Date | null;

  @Column('bigint', { name: 'revoked_at', nullable: true, transformer: instant })
  revokedAt: Date | null;

  /** The same; null also when a newer secret has replaced it: whoever generated that one did it. */
  @Column('varchar', { name: 'revoked_by', length: 140, nullable: true })
  revokedBy: string | null;

  /** Precise to the interval of verification/last-use.ts. */
  @Column('bigint', { name: 'last_used_at', nullable: true, transformer: instant })
  lastUsedAt: Date | null;

  /** From where, and the start of the `User-Agent`; null with RECORD_ADDRESSES=off. */
  @Column('varchar', { name: 'last_used_address', length: 64, nullable: true })
  lastUsedAddress: string | null;

  @Column('varchar', { name: 'last_used_agent', length: 120, nullable: true })
  lastUsedAgent: string | null;

  /** Null for all that the user may do. */
  @Column('text', { nullable: true, transformer: list })
  scopes: readonly string[] | null;

  /** CIDRs as `parseNetwork` writes them; null for anywhere. */
  @Column('text', { name: 'allowed_networks', nullable: true, transformer: list })
  allowedNetworks: readonly string[] | null;

  /** How often it may be used; null for no limit. As JSON, see users/rate-limits.ts. */
  @Column('text', { nullable: true, transformer: rateLimits })
  limits: readonly RateLimit[] | null;

  /** The id of the secret whose place it took. */
  @Column('varchar', { length: 36, nullable: true })
  replaces: string | null;

  /** Of a secret that was replaced, and is not revoked: when it ends. Always the same as `expiresAt`, and indexed by itself. */
  @Column('bigint', { name: 'retires_at', nullable: true, transformer: instant })
  retiresAt: Date | null;
}
