import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { DomainError } from '@cairn/kernel';
import type { FieldError } from './problem.js';

/** A body, query or path that does not fit its DTO. */
export class ValidationFailed extends DomainError {
  constructor(readonly errors: readonly FieldError[]) {
    super('VALIDATION_FAILED', `The request does not fit: ${errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ')}.`, 'invalid');
  }
}

/** Unknown fields are refused rather than ignored: a misspelt option must not pass as accepted. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    exceptionFactory: (errors) => new ValidationFailed(errors.flatMap((error) => fieldErrors(error, ''))),
  });
}

function fieldErrors({ property, constraints = {}, children = [] }: ValidationError, parent: string): FieldError[] {
  const pointer = `${parent}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return [...Object.values(constraints).map((detail) => ({ pointer, detail })), ...children.flatMap((child) => fieldErrors(child, pointer))];
}
