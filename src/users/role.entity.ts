import { Entity, PrimaryColumn } from 'typeorm';

@Entity('lk_roles')
export class Role {
  @PrimaryColumn('varchar', { length: 140 })
  name: string;
}
