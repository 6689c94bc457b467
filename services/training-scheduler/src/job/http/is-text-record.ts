import { registerDecorator, type ValidationOptions } from 'class-validator';

const MAX_ENTRIES = 100;
const MAX_TEXT_LENGTH = 4_000;

/** An object of texts that can be a child's environment; names that begin with CAIRN_ are the scheduler's own. */
export function IsTextRecord(options?: ValidationOptions): PropertyDecorator {
  return (target, propertyKey) => {
    registerDecorator({
      name: 'isTextRecord',
      target: target.constructor,
      propertyName: String(propertyKey),
      ...(options !== undefined && { options }),
      validator: { validate: (value: unknown) => isEnvironment(value) },
    });
  };
}

function isEnvironment(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MAX_ENTRIES &&
    entries.every(([name, text]) => !name.startsWith('CAIRN_') && typeof text === 'string' && text.length <= MAX_TEXT_LENGTH)
  );
}
