import { DomainError } from '@cairn/kernel';
import type { FastifyInstance } from 'fastify';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A browser that shows our pages adds a person's password to whatever another site makes it send. It also says which site that is, and what would change
 * something is refused from any but ours. Programs that are not browsers name no origin.
 */
export function refuseOtherOrigins(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { origin, host, 'x-forwarded-host': forwarded } = request.headers;
    const isOurs = READING.has(request.method) || origin === undefined || hostOf(origin) === (forwarded ?? host);
    done(isOurs ? undefined : new DomainError('OTHER_ORIGIN', 'A page of another site may not change anything here: send the request from our own origin.', 'forbidden'));
  });
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
