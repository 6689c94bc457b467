import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewaySettings } from '../config.js';
import { refuseOtherOrigins } from './other-origins.js';

/** Names of files hold a digest of what is in them, so a browser may keep them as long as MLflow's own server lets it: four weeks. */
const MAX_AGE_MS = 28 * 24 * 60 * 60 * 1_000;

/** A part of the build that notebooks show in a frame of their own. */
const FRAMED = '/lib/notebook-trace-renderer/';

/**
 * The pages load nothing from elsewhere and report nothing to elsewhere. Their styles are made as they run, and so is the code that their charts and
 * their JSON schemas are compiled to; pictures are shown from memory. An HTML artifact, e.g. of a chart, is shown in a sandboxed frame that has no origin
 * but this policy: its own scripts run, and reach nobody.
 */
const CONTENT_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "media-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "frame-src 'self' blob: data:",
  "connect-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
].join('; ');

/**
 * Serves the static build of MLflow's web pages as MLflow's own server does: its page at `/`, its files under `/static-files/`, no listing of folders and
 * no hidden file. Paths on the page are relative, so `/workspaces/<name>/` is the same page in that workspace. Does nothing where no build is named.
 */
export async function serveMlflowUi(fastify: FastifyInstance, { mlflowUiDir }: GatewaySettings): Promise<void> {
  if (mlflowUiDir === undefined) return;
  refuseOtherOrigins(fastify);
  fastify.addHook('onSend', (request, reply, payload, done) => {
    // What a browser understands: it asks for the token once, as a password, and sends it with everything that the pages ask for.
    if (reply.statusCode === 401 && pathOf(request.url) === '/') void reply.header('www-authenticate', 'Basic realm="Cairn", charset="UTF-8"');
    done(null, payload);
  });
  await fastify.register(fastifyStatic, {
    root: mlflowUiDir,
    prefix: '/static-files/',
    index: false,
    dotfiles: 'ignore',
    maxAge: MAX_AGE_MS,
    setHeaders: (reply, path) => {
      // A page among the files is a page too.
      void reply.headers(path.endsWith('.html') ? pageHeaders(path.includes(FRAMED)) : { 'x-content-type-options': 'nosniff' });
    },
  });
  fastify.get('/', (request, reply) => sendPage(request, reply, mlflowUiDir));
}

/** Without the slash at the end, relative paths would lead out of the workspace. */
function sendPage(request: FastifyRequest, reply: FastifyReply, root: string): FastifyReply {
  const asked = pathOf(request.originalUrl);
  if (!asked.endsWith('/')) return reply.redirect(`${asked}/`, 308);
  // The next release names other files: the page is asked for each time, and only sent when it is another one.
  return reply.headers({ ...pageHeaders(false), 'cache-control': 'no-cache' }).sendFile('index.html', root, { cacheControl: false });
}

function pageHeaders(framed: boolean): Record<string, string> {
  return {
    'content-security-policy': framed ? CONTENT_POLICY : `${CONTENT_POLICY}; frame-ancestors 'self'`,
    ...(!framed && { 'x-frame-options': 'SAMEORIGIN' }),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  };
}

function pathOf(url: string): string {
  return url.split('?')[0] ?? '';
}
