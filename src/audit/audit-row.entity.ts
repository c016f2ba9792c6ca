import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { instant } from '../database/instant.js';
import type { AuditEvent } from './events.js';

/** A row of the audit trail. It is written once, and deleted when it is old. */
@Entity('lk_audit')
@Index('lk_audit_at', ['at', 'n'])
@Index('lk_audit_event', ['event', 'n'])
@Index('lk_audit_actor', ['actor', 'n'])
@Index('lk_audit_credential', ['credential', 'n'])
@Index('lk_audit_subject', ['subject', 'n'])
@Index('lk_audit_api_key', ['apiKey', 'n'])
@Index('lk_audit_secret', ['secretId', 'n'])
@Index('lk_audit_address', ['address', 'n'])
export class AuditRow {
  @PrimaryColumn('bigint')
  n: number;

  /** Never before that of the row before. */
  @Column('bigint', { transformer: instant })
  at: Date;

  @Column('varchar', { length: 30 })
  event: AuditEvent;

  @Column('varchar', { length: 140 })
  actor: string;

  @Column('varchar', { length: 36, nullable: true })
  credential: string | null;

  @Column('varchar', { length: 140, nullable: true })
  subject: string | null;

  @Column('varchar', { name: 'api_key', length: 140, nullable: true })
  apiKey: string | null;

  @Column('varchar', { name: 'secret_id', length: 36, nullable: true })
  secretId: string | null;

  @Column('varchar', { length: 64, nullable: true })
  address: string | null;

  @Column('varchar', { name: 'user_agent', length: 120, nullable: true })
  userAgent: string | null;

  @Column('varchar', { name: 'request_id', length: 64, nullable: true })
  requestId: string | null;

  /** Canonical JSON. */
  @Column('text')
  details: string;

  @Column('varchar', { length: 64 })
  hash: string;
}
