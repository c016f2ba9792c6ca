import { ValidationPipe } from '@nestjs/common';
import { ValidateIf, type ValidationError } from 'class-validator';
import { type FieldError, LatchkeyError } from '../latchkey.error.js';

/** May be absent; null is not absent. */
export const Optional = () => ValidateIf((_, value) => value !== undefined);

/** Checks bodies and queries against their DTO. Unknown fields are refused, so that nothing can be mass-assigned. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    exceptionFactory: (errors) => {
      const fields = errors.flatMap((error) => fieldErrors(error));
      return new LatchkeyError('validation_failed', fields.map(({ message }) => message).join(' '), fields);
    },
  });
}

function fieldErrors({ property, constraints = {}, children = [] }: ValidationError): FieldError[] {
  const own = Object.entries(constraints).map(([constraint, message]) => ({
    field: property,
    code:
      constraint === 'whitelistValidation'
        ? 'unknown_field'
        : constraint.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
    message: constraint === 'whitelistValidation' ? `There is no field "${property}" here.` : `${message}.`,
  }));
  return [...own, ...children.flatMap((child) => fieldErrors(child))];
}
