import { Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Role } from './role.entity.js';
import { User } from './user.entity.js';

@Entity('lk_user_roles')
@Index('lk_user_roles_role', ['role'])
export class UserRole {
  @PrimaryColumn('varchar', { name: 'user_id', length: 36 })
  userId: string;

  @PrimaryColumn('varchar', { length: 140 })
  role: string;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'lk_user_roles_user_fk' })
  userRow?: User;

  @ManyToOne(() => Role)
  @JoinColumn({ name: 'role', foreignKeyConstraintName: 'lk_user_roles_role_fk' })
  roleRow?: Role;
}
