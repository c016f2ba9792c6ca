import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { instant } from '../database/instant.js';
import { User } from '../users/user.entity.js';

/** A user's password. In a table of its own, so that nothing that reads users can show its hash. */
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

  /** Of a password that is only good for choosing another one: until when. */
  @Column('bigint', { name: 'one_time_until', nullable: true, transformer: instant })
  oneTimeUntil: Date | null;

  /** When it last let somebody in. Writing it is the lock that orders log-ins with all that ends sessions. */
  @Column('bigint', { name: 'used_at', nullable: true, transformer: instant })
  usedAt: Date | null;
}
