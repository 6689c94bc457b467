import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Of our own, so that it collides with no parser of the framework. */
const ARTIFACT_TYPE = 'application/x-cairn-artifact';
const UPLOADS: Readonly<Record<string, RegExp>> = {
  PUT: /^\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\/(?:artifacts|mpu\/parts)\//,
  POST: /^\/(?:ajax-)?api\/2\.0\/mlflow\/upload-artifact(?:\?|$)/,
};

/**
 * An uploaded artifact is a stream of bytes, whatever its content type says: a JSON file must not be parsed, and nothing must be held in memory.
 */
export function streamArtifactBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addContentTypeParser(ARTIFACT_TYPE, (_request, payload, done) => done(null, payload));
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (UPLOADS[request.method]?.test(request.url)) request.headers['content-type'] = ARTIFACT_TYPE;
    done();
  });
}
