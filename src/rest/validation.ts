import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import { isString, ValidateBy, ValidateIf, type ValidationError } from 'class-validator';
import { type FieldError, LatchkeyError } from '../latchkey.error.js';

/** No body of this API has as many; each bad one gets a sentence of its own. */
const MAX_FIELDS = 50;
/** So many of them are also in `detail`, which is for people. */
const SENTENCES = 4;
/** Characters of an unknown field's name that are repeated. */
const MAX_NAME = 100;

/** May be absent; null is not absent. */
export const Optional = () => ValidateIf((_, value) => value !== undefined);

/** A text that a rule of the core takes, without throwing. The rule stays where it is, and says what is wrong. */
export function Obeys(code: string, rule: (text: string) => unknown): PropertyDecorator {
  const complaint = (value: unknown): string | undefined => {
    if (!isString(value)) return '$property must be a string';
    try {
      rule(value);
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
    return super.transform(value, metadata);
  }
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
