import { type ArgumentMetadata, Injectable, type Type, ValidationPipe } from '@nestjs/common';
import {
  ARRAY_MAX_SIZE,
  getMetadataStorage,
  isString,
  ValidateBy,
  ValidateIf,
  type ValidationError,
} from 'class-validator';
import { type FieldError, LatchkeyError } from '../latchkey.error.js';

/** No body of this API has as many; each bad one gets a sentence of its own. */
const MAX_FIELDS = 50;
/** So many of them are also in `detail`, which is for people. */
const SENTENCES = 4;
/** Of an object in an array. */
const MAX_MEMBERS = 4;
/** Characters of an unknown field's name that are repeated. */
const MAX_NAME = 100;

/** May be absent; null is not absent. */
export const Optional = () => ValidateIf((_, value) => value !== undefined);

/** May be absent, or null. */
export const Nullable = () => ValidateIf((_, value) => value !== undefined && value !== null);

/** A value that a rule of the core accepts, which means that it does not throw. What it throws says what is wrong. */
export function AcceptedBy(code: string, rule: (value: never) => unknown): PropertyDecorator {
  const complaint = (value: unknown): string | undefined => {
    try {
      rule(value as never);
      return undefined;
    } catch (error) {
      return (error as Error).message.replace(/\.$/, '');
    }
  };
  return ValidateBy({
    name: code,
    validator: {
      validate: (value) => complaint(value) === undefined,
      defaultMessage: (args) => complaint(args?.value) ?? '',
    },
  });
}

/** The same of a text. */
export function CheckedBy(code: string, rule: (text: string) => unknown): PropertyDecorator {
  return AcceptedBy(code, (value: unknown) => {
    if (!isString(value)) throw new Error('$property must be a string');
    rule(value);
  });
}

/** Checks bodies and queries against their DTO. Unknown fields are refused, so that nothing can be mass-assigned. */
@Injectable()
export class DtoPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
      exceptionFactory: (errors) => refuse(errors.flatMap((error) => fieldErrors(error))),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // A parameter without a DTO (a path's) has nothing to be checked against here.
    if (metadata.type !== 'body' && metadata.type !== 'query') return super.transform(value, metadata);
    if (value instanceof LatchkeyError) throw value; // a body that can't be read; see body-parsers.ts
    if (value === undefined && metadata.type === 'body') return super.transform(value, metadata);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new LatchkeyError('validation_failed', 'The body has to be a JSON object.', []);
    }
    const names = Object.keys(value);
    if (names.length > MAX_FIELDS)
      throw new LatchkeyError('validation_failed', `There are more than ${MAX_FIELDS} fields.`, []);
    // The validator takes what every object inherits for known.
    const inherited = names.filter((name) => name in Object.prototype);
    if (inherited.length > 0) throw refuse(inherited.map((name) => unknownField(name)));
    return super.transform(metadata.metatype ? withoutDepths(value, metadata.metatype) : value, metadata);
  }
}

/** How many members an array may have, by DTO and by field; of all other fields none takes an array. */
const bounds = new WeakMap<Type, ReadonlyMap<string, number>>();
function boundsOf(dto: Type): ReadonlyMap<string, number> {
  let found = bounds.get(dto);
  if (!found) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
    const sizes = rules.filter(({ name }) => name === ARRAY_MAX_SIZE);
    bounds.set(dto, (found = new Map(sizes.map(({ propertyName, constraints }) => [propertyName, constraints[0]]))));
  }
  return found;
}

/**
 * The value with `{}` in place of all that no field takes, which the DTO refuses in its own words: an object, an array
 * where the DTO has no `ArrayMaxSize`, and in an array what is neither a scalar nor an object of a few scalars. An array is
 * cut when it has one member too many.
 * Who transforms and validates would walk into all of it, for a quarter of a second through 256 KiB.
 */
function withoutDepths(value: object, dto: Type): object {
  const bound = boundsOf(dto);
  const shallow = (member: unknown): unknown => (typeof member === 'object' && member !== null ? {} : member);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => {
      const most = bound.get(name);
      const isArray = Array.isArray(member) && most !== undefined;
      const shallowMember = (one: unknown): unknown => (isFlat(one) ? one : shallow(one));
      return [name, isArray ? member.slice(0, most + 1).map(shallowMember) : shallow(member)];
    }),
  );
}

/** Whether a value is an object of a few scalars. */
function isFlat(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let members = 0;
  for (const name in value) {
    if (++members > MAX_MEMBERS || typeof (value as Record<string, unknown>)[name] === 'object') return false;
  }
  return true;
}

function refuse(errors: FieldError[]): LatchkeyError {
  const said = errors.slice(0, SENTENCES).map(({ message }) => message);
  if (errors.length > SENTENCES) said.push(`And ${errors.length - SENTENCES} more, which \`errors\` lists.`);
  return new LatchkeyError('validation_failed', said.join(' '), errors);
}

function unknownField(name: string): FieldError {
  const field = name.slice(0, MAX_NAME);
  return { field, code: 'unknown_field', message: `There is no field "${field}" here.` };
}

function fieldErrors({ property, constraints = {}, children = [] }: ValidationError): FieldError[] {
  const own = Object.entries(constraints).map(([constraint, message]) =>
    constraint === 'whitelistValidation'
      ? unknownField(property)
      : {
          field: property,
          code: constraint.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
          message: `${message}.`,
        },
  );
  return [...own, ...children.flatMap((child) => fieldErrors(child))];
}
