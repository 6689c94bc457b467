import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { DomainError } from '@cairn/kernel';
import type { FieldError } from './problem.js';

/** A body, query or path that does not fit its DTO. */
export class ValidationFailed extends DomainError {
  constructor(readonly errors: readonly FieldError[]) {
    super('VALIDATION_FAILED', `The request does not fit: ${errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ')}.`, 'invalid');
  }
}

/** JSON's null is as good as absent, for which a DTO has its default: `IsOptional` lets both through. */
class DtoPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const fitting: unknown = await super.transform(value, metadata);
    if (this.toValidate(metadata)) replaceNulls(fitting);
    return fitting;
  }
}

/** In DTOs and in those inside them alone: what is free in form is the caller's. */
function replaceNulls(value: unknown): void {
  if (Array.isArray(value)) return value.forEach(replaceNulls);
  if (!isDto(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (inner === null) value[name] = new value.constructor()[name];
    else replaceNulls(inner);
  }
}

type Dto = Record<string, unknown> & { readonly constructor: new () => Record<string, unknown> };

function isDto(value: unknown): value is Dto {
  return typeof value === 'object' && value !== null && ![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}

/** Unknown fields are refused rather than ignored: a misspelt option must not pass as accepted. */
export function validationPipe(): ValidationPipe {
  return new DtoPipe({
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
