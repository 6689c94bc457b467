import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { getMetadataStorage } from 'class-validator';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';

/* eslint-disable @typescript-eslint/no-unsafe-function-type -- class-validator keys its metadata by Function. */

const described = new Set<Function>();

/**
 * Tells the API document what class-validator checks, so that a DTO is described once. Properties that carry `@ApiProperty` themselves keep it.
 */
export function describeDtos(): void {
  for (const [target, rules] of dtoRules()) {
    if (described.has(target)) continue;
    described.add(target);
    for (const [property, own] of groupByProperty(rules)) {
      if (Reflect.hasMetadata('swagger/apiModelProperties', target.prototype, property)) continue;
      ApiProperty(optionsOf(target, property, own))(target.prototype, property);
    }
  }
}

function dtoRules(): Map<Function, ValidationMetadata[]> {
  const storage: unknown = Reflect.get(getMetadataStorage(), 'validationMetadatas');
  const found = new Map<Function, ValidationMetadata[]>();
  if (!(storage instanceof Map)) return found;
  for (const [target, rules] of storage) if (typeof target === 'function' && Array.isArray(rules)) found.set(target, rules);
  return found;
}

function groupByProperty(rules: readonly ValidationMetadata[]): Map<string, ValidationMetadata[]> {
  const groups = new Map<string, ValidationMetadata[]>();
  for (const rule of rules) groups.set(rule.propertyName, [...(groups.get(rule.propertyName) ?? []), rule]);
  return groups;
}

function optionsOf(target: Function, property: string, rules: readonly ValidationMetadata[]): ApiPropertyOptions {
  const options: Record<string, unknown> = { required: !rules.some(({ name }) => name === 'isOptional') };
  const designed: unknown = Reflect.getMetadata('design:type', target.prototype, property);
  const nested = defaultMetadataStorage.findTypeMetadata(target, property)?.typeFunction();
  if (nested !== undefined || designed === Object || designed === Array) options['type'] = nested ?? Object;
  if (designed === Array || rules.some(({ each }) => each)) options['isArray'] = true;
  for (const { name, constraints = [] } of rules) Object.assign(options, keywords[name ?? '']?.(constraints));
  return options as ApiPropertyOptions;
}

/** JSON Schema keywords of the checks that we use; others are enforced all the same, and only not shown. */
const keywords: Readonly<Record<string, (constraints: readonly unknown[]) => object>> = {
  isString: () => ({ type: String }),
  isNumber: () => ({ type: Number }),
  isInt: () => ({ type: 'integer' }),
  isBoolean: () => ({ type: Boolean }),
  isUuid: () => ({ type: String, format: 'uuid' }),
  isIn: ([values]) => ({ enum: values }),
  isEnum: ([, values]) => ({ enum: values }),
  min: ([minimum]) => ({ minimum }),
  max: ([maximum]) => ({ maximum }),
  minLength: ([minLength]) => ({ minLength }),
  maxLength: ([maxLength]) => ({ maxLength }),
  isLength: ([minLength, maxLength]) => ({ minLength, maxLength }),
  matches: ([pattern]) => (pattern instanceof RegExp ? { pattern: pattern.source } : {}),
  arrayMinSize: ([minItems]) => ({ minItems }),
  arrayMaxSize: ([maxItems]) => ({ maxItems }),
};
