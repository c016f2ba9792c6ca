import type { Type } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsString, Max, Min } from 'class-validator';
import { LatchkeyError } from '../latchkey.error.js';
import type { ListPage, Position } from '../users/list-page.js';
import { Optional } from './validation.js';

/** The last millisecond that a Date can hold (ECMA-262, section 21.4.1.1). */
const MAX_TIME = 8.64e15;
const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;

export class PageQuery {
  @Optional()
  @Transform(({ value }) => (/^\d{1,3}$/.test(value) ? Number(value) : value))
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    description: 'Rows on a page.',
  })
  limit: number = DEFAULT_LIMIT;

  @Optional()
  @IsString()
  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before; absent for the first.' })
  cursor?: string;
}

export interface Page<T> {
  readonly data: T[];
  readonly nextCursor: string | null;
}

/** The class that describes a page of those views. */
export function pageOf<View>(name: string, view: Type<View>): Type<Page<View>> {
  @ApiSchema({ name })
  class PageView implements Page<View> {
    @ApiProperty({ type: [view] })
    data: View[];

    @ApiProperty({
      type: String,
      nullable: true,
      description: 'For the next page; null on the last. A page before may have fewer rows than `limit`.',
    })
    nextCursor: string | null;
  }
  return PageView;
}

/** `kind` keeps the cursors of lists, and of their orders, apart. */
export function toPage<Row, View>({ items, next }: ListPage<Row>, kind: string, view: (row: Row) => View): Page<View> {
  return { data: items.map(view), nextCursor: next === undefined ? null : toCursor(kind, next) };
}

function toCursor(kind: string, { at, id, isRest }: Position): string {
  return Buffer.from(JSON.stringify([kind, at, id, ...(isRest ? [true] : [])])).toString('base64url');
}

/**
 * @param type what places of this list are: times, or texts.
 * @throws LatchkeyError `malformed` for a cursor that this list did not give in this order.
 */
export function fromCursor(
  kind: string,
  cursor: string | undefined,
  type: 'number' | 'string' = 'number',
): Position | undefined {
  if (cursor === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    value = undefined; // said below, with the other ways of being wrong
  }
  const [of, at, id, isRest] = Array.isArray(value) ? (value as unknown[]) : [];
  const isPlace = type === 'string' || (Number.isInteger(at) && Math.abs(at as number) <= MAX_TIME);
  if (
    of !== kind ||
    typeof at !== type ||
    !isPlace ||
    typeof id !== 'string' ||
    ![undefined, true].includes(isRest as true)
  ) {
    throw new LatchkeyError('malformed', 'This cursor was not given by this list in this order.');
  }
  return { at: at as number | string, id, ...(isRest === true && { isRest }) };
}
