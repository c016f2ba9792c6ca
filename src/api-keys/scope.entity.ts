import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A scope that secrets may be given. */
@Entity('lk_scopes')
export class Scope {
  @PrimaryColumn('varchar', { length: 100 })
  name: string;

  @Column('varchar', { length: 200 })
  description: string;

  /** Goes up with each grant, so that a deletion notices a grant that came in between. */
  @Column('integer', { default: 0 })
  grants: number;
}
