import type { FastifyInstance } from 'fastify';
import { DomainError } from '@cairn/kernel';

/** Far deeper than any request nests, and far from where validation, which walks bodies by recursion, runs out of stack. */
export const MAX_BODY_DEPTH = 100;

/** Refuses a parsed JSON body that nests too deep, before anything walks it. Streams and bytes are no business of this. */
export function refuseDeepBodies(fastify: FastifyInstance): void {
  fastify.addHook('preValidation', (request, _reply, done) => {
    done(isDeeper(request.body, MAX_BODY_DEPTH) ? new DomainError('BODY_TOO_DEEP', `The body nests deeper than ${MAX_BODY_DEPTH} levels.`, 'invalid') : undefined);
  });
}

/** Whether lists and plain objects nest more than `levels` deep: level by level, without recursion. */
export function isDeeper(value: unknown, levels: number): boolean {
  let level = isNest(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === levels) return true;
    const next: object[] = [];
    for (const nest of level) for (const inner of Array.isArray(nest) ? nest : Object.values(nest)) if (isNest(inner)) next.push(inner);
    level = next;
  }
  return false;
}

function isNest(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
