import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Of our own, so that it collides with no parser of the framework: OTLP's JSON may be compressed, and must not be parsed as what it is not. */
const OTLP_BODY_TYPE = 'application/x-cairn-otlp';
/** What the body really is. */
export const OTLP_TYPE_HEADER = 'x-cairn-otlp-type';
const EXPORT = /^\/v1\/traces\/?(?:\?|$)/;
/** As it comes over the wire, compressed or not. */
export const MAX_WIRE_BYTES = 8 * 1024 * 1024;

export function readOtlpBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addContentTypeParser(OTLP_BODY_TYPE, { parseAs: 'buffer', bodyLimit: MAX_WIRE_BYTES }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (request.method === 'POST' && EXPORT.test(request.url)) {
      request.headers[OTLP_TYPE_HEADER] = request.headers['content-type'] ?? '';
      request.headers['content-type'] = OTLP_BODY_TYPE;
    }
    done();
  });
}
