import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { instant } from '../database/instant.js';
import { User } from '../users/user.entity.js';

/** A log-in with a password, until it ends. */
@Entity('lk_sessions')
@Index('lk_sessions_digest', ['digest'], { unique: true })
@Index('lk_sessions_user', ['userId'])
@Index('lk_sessions_expires', ['expiresAt'])
export class Session {
  /** Random and opaque. It is not a secret: it may be shown and logged. */
  @PrimaryColumn('varchar', { length: 36 })
  id: string;

  /** The digest of the secret in the cookie; see session-secret.ts. */
  @Column('varchar', { length: 64 })
  digest: string;

  @Column('varchar', { name: 'user_id', length: 36 })
  userId: string;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'lk_sessions_user_fk' })
  user?: Relation<User>;

  /** From where it was opened; '' with RECORD_ADDRESSES=off. */
  @Column('varchar', { length: 64 })
  address: string;

  /** With what it was opened: the first 120 characters of `User-Agent`. */
  @Column('varchar', { name: 'user_agent', length: 120, nullable: true })
  userAgent: string | null;

  @Column('bigint', { name: 'created_at', transformer: instant })
  createdAt: Date;

  /** Precise to the minute; see session-verifier.ts. */
  @Column('bigint', { name: 'last_seen_at', transformer: instant })
  lastSeenAt: Date;

  /** The latest end, however often it is used. */
  @Column('bigint', { name: 'expires_at', transformer: instant })
  expiresAt: Date;
}
