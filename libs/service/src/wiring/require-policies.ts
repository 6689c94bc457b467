import type { INestApplication, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

/** A policy that no module lists as a controller would never run, and nobody would notice. */
export function requirePolicies(app: INestApplication, policies: readonly Type[]): void {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()].map(({ metatype }) => metatype));
  const missing = policies.filter((policy) => !controllers.includes(policy));
  if (missing.length > 0) throw new TypeError(`no module lists ${missing.map(({ name }) => name).join(', ')} among its controllers`);
}
