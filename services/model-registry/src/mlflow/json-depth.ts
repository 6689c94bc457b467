import { DomainError } from '@cairn/kernel';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** The deepest that a request of this service nests is 5. */
const MAX_DEPTH = 32;

/** Refuses bodies that nest so deep that whoever walks them runs out of stack. */
export function refuseDeepBodies(app: NestFastifyApplication): void {
  app.getHttpAdapter().getInstance().addHook('preValidation', (request, _reply, done) => {
    done(isDeeperThan(request.body, MAX_DEPTH) ? new DomainError('BODY_TOO_DEEP', `The body nests deeper than ${MAX_DEPTH} levels.`, 'invalid') : undefined);
  });
}

/** Level by level, without recursion. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= levels; depth += 1) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
    if (level.length === 0) return false;
  }
  return true;
}
