import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { instant } from '../database/instant.js';
import { ApiKey } from './api-key.entity.js';

@Entity('lk_api_secrets')
@Index('lk_api_secrets_api_key', ['apiKey'])
// These indices have all columns that lists and the overview ask for, so no row is read.
@Index('lk_api_secrets_end', ['revokedAt', 'expiresAt', 'apiKey', 'revokedBy'])
@Index('lk_api_secrets_use', ['revokedAt', 'lastUsedAt', 'createdAt', 'expiresAt', 'apiKey'])
@Index('lk_api_secrets_created', ['createdAt', 'apiKey'])
export class ApiSecret {
  @PrimaryColumn('varchar', { length: 36 })
  id: string;

  @Column('varchar', { name: 'api_key', length: 140 })
  apiKey: string;

  @ManyToOne(() => ApiKey)
  @JoinColumn({ name: 'api_key', foreignKeyConstraintName: 'lk_api_secrets_api_key_fk' })
  apiKeyRow?: ApiKey;

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
}
