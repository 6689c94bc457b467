import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { derivedId, DomainError, eventIdOf, newId, type Actor, type CommandMeta } from '@cairn/kernel';
import { placements } from '../service-spec.js';
import { identityOf } from './identity.js';
import { workspaceOf } from './workspace.js';

const MAX_KEY_LENGTH = 255;
const PRINCIPAL = /^[\w.:@-]{1,200}$/;

/** `@Meta() meta: CommandMeta`: who asks for what, when and under which name. */
export const Meta = createParamDecorator((_: unknown, context: ExecutionContext): CommandMeta => metaOf(context.switchToHttp().getRequest<FastifyRequest>()));

/** The same, for a handler that has only the request. */
export function metaOf(request: FastifyRequest): CommandMeta {
  const { principal, correlationId, traceparent, clock } = identityOf(request);
  const workspace = workspaceOf(request.headers);
  return {
    commandId: commandIdOf(request, workspace, principal),
    repeatable: request.headers['idempotency-key'] !== undefined,
    now: clock.now(),
    actor: actorOf(request, principal),
    workspace,
    correlationId,
    traceparent,
  };
}

/**
 * Id of something that a command makes. A repeated command (same Idempotency-Key) names the same thing again, where a fresh id would make a second one.
 * `kind` tells apart several things of one command, e.g. `dataset`.
 */
export function newIdFor(meta: CommandMeta, kind: string): string {
  return eventIdOf(meta.commandId, kind, 0);
}

/** The key counts for one principal, workspace, method and path: elsewhere the same key is another command. */
function commandIdOf(request: FastifyRequest, workspace: string, principal: string): string {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return newId();
  if (typeof key !== 'string' || key.length === 0 || key.length > MAX_KEY_LENGTH) {
    throw new DomainError('INVALID_IDEMPOTENCY_KEY', `An Idempotency-Key has 1 to ${MAX_KEY_LENGTH} characters.`, 'invalid');
  }
  return derivedId('command', workspace, principal, request.method, request.url, key);
}

/**
 * A service may say for whom it acts, as a training job does for whoever submitted it. What is personal, such as an approval, is refused to it; anybody
 * else who sends the header is refused, because a claim that is ignored would look like one that was believed.
 */
function actorOf(request: FastifyRequest, principal: string): Actor {
  const onBehalfOf = request.headers['x-cairn-on-behalf-of'];
  if (onBehalfOf === undefined) return { principal };
  if (!Object.hasOwn(placements, principal)) throw new DomainError('NOT_A_SERVICE', 'Only a service may act on behalf of somebody. Leave X-Cairn-On-Behalf-Of out.', 'forbidden');
  if (typeof onBehalfOf === 'string' && PRINCIPAL.test(onBehalfOf)) return { principal, onBehalfOf };
  throw new DomainError('INVALID_PRINCIPAL', 'X-Cairn-On-Behalf-Of has 1 to 200 letters, digits and the signs . _ : @ -.', 'invalid');
}
