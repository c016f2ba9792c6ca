import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { instant } from '../database/instant.js';
import { User } from '../users/user.entity.js';

@Entity('lk_api_keys')
@Index('lk_api_keys_user', ['userId'], { unique: true })
@Index('lk_api_keys_created', ['createdAt', 'apiKey'])
@Index('lk_api_keys_used', ['lastUsedAt', 'userId'])
export class ApiKey {
  @PrimaryColumn('varchar', { name: 'api_key', length: 140 })
  apiKey: string;

  /** Null after the user was deleted: the row stays, so that the key is never given to anybody else. */
  @Column('varchar', { name: 'user_id', length: 36, nullable: true })
  userId: string | null;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'lk_api_keys_user_fk' })
  user?: User | null;

  @Column('bigint', { name: 'created_at', transformer: instant })
  createdAt: Date;

  /** The name of the user who generated it, or `command`. */
  @Column('varchar', { name: 'created_by', length: 140 })
  createdBy: string;

  /** Precise to the interval of verification/last-use.ts. */
  @Column('bigint', { name: 'last_used_at', nullable: true, transformer: instant })
  lastUsedAt: Date | null;
}
