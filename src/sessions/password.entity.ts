import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { instant } from '../database/instant.js';
import { User } from '../users/user.entity.js';

/** A user's password. It has its own table, so that nothing that reads users can show the hash. */
@Entity('lk_passwords')
export class Password {
  @PrimaryColumn('varchar', { name: 'user_id', length: 36 })
  userId: string;

  @OneToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'lk_passwords_user_fk' })
  user?: Relation<User>;

  /** argon2id, in the PHC string format. */
  @Column('varchar', { length: 255 })
  hash: string;

  /** For a one-time password, which is only good for choosing another one: until when it is valid. */
  @Column('bigint', { name: 'one_time_until', nullable: true, transformer: instant })
  oneTimeUntil: Date | null;

  /** When it was last used. The write is the lock that orders log-ins with all calls that end sessions. */
  @Column('bigint', { name: 'used_at', nullable: true, transformer: instant })
  usedAt: Date | null;
}
