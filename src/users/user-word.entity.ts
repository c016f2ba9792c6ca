import { Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { User } from './user.entity.js';

/** What a search for a user may begin with: the name, and the words of the full name. */
@Entity('lk_user_words')
@Index('lk_user_words_word', ['word', 'userId'])
export class UserWord {
  @PrimaryColumn('varchar', { name: 'user_id', length: 36 })
  userId: string;

  /** In the form for search; see search-key.ts. */
  @PrimaryColumn('varchar', { length: 140 })
  word: string;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'lk_user_words_user_fk' })
  userRow?: User;
}
