import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { instant } from '../database/instant.js';

@Entity('lk_users')
@Index('lk_users_name', ['name'], { unique: true })
@Index('lk_users_created', ['createdAt', 'id'])
@Index('lk_users_full_name', ['fullNameKey', 'id'])
@Index('lk_users_enabled', ['enabled'])
export class User {
  /** Random and opaque; never used twice. */
  @PrimaryColumn('varchar', { length: 36 })
  id: string;

  /** See user-name.ts. */
  @Column('varchar', { length: 140 })
  name: string;

  @Column('varchar', { name: 'full_name', length: 140 })
  fullName: string;

  /** `fullName` in the form for search and order; see search-key.ts. */
  @Column('varchar', { name: 'full_name_key', length: 140, default: '' })
  fullNameKey: string;

  @Column('boolean')
  enabled: boolean;

  /** Incremented with each change of the user, its roles and its key. */
  @Column('int')
  version: number;

  @Column('bigint', { name: 'created_at', transformer: instant })
  createdAt: Date;

  @Column('bigint', { name: 'updated_at', transformer: instant })
  updatedAt: Date;
}
