import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { instant } from '../database/instant.js';

/** How often one secret, or all of them, let somebody in during an hour or a day of UTC. */
@Entity('lk_usage')
@Index('lk_usage_api_key', ['apiKey', 'startsAt'])
@Index('lk_usage_age', ['byDay', 'startsAt', 'secretId'])
export class Usage {
  /** `*` for all secrets together. */
  @PrimaryColumn('varchar', { name: 'secret_id', length: 36 })
  secretId: string;

  /** 1 for a day, 0 for an hour. */
  @PrimaryColumn('smallint', { name: 'by_day' })
  byDay: number;

  @PrimaryColumn('bigint', { name: 'starts_at', transformer: instant })
  startsAt: Date;

  /** Of the secret, which may be gone by now; `*` for all. */
  @Column('varchar', { name: 'api_key', length: 140 })
  apiKey: string;

  @Column('bigint')
  accepted: number;

  @Column('bigint')
  limited: number;
}

/** A process that counts: what it writes twice, since the answer was lost, counts once. */
@Entity('lk_usage_writers')
@Index('lk_usage_writers_at', ['at'])
export class UsageWriter {
  @PrimaryColumn('varchar', { length: 36 })
  id: string;

  /** The number of its last write. */
  @Column('bigint')
  n: number;

  @Column('bigint', { transformer: instant })
  at: Date;
}
