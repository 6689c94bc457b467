import { problemOf, type Logger } from '@cairn/service';
import { HttpException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/**
 * What is refused here, before a service sees it, is a problem, and beside it what MLflow's clients look for. Nest does this for its own routes; others were
 * made before it could, and what is no 5xx must not become one: clients repeat those. Holds for routes that are made in `scope` afterwards.
 */
export function answerRefusals(scope: FastifyInstance, logger: Logger): void {
  scope.setErrorHandler((error, request, reply) => {
    const problem = problemOf(asException(error));
    if (problem.status >= 500) logger.error({ err: error, method: request.method, url: request.url }, problem.code);
    if (problem.status === 503) void reply.header('retry-after', 1);
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    void reply.code(problem.status).type('application/problem+json; charset=utf-8');
    const ofMlflow = { error_code: MLFLOW_CODES[problem.status] ?? 'INTERNAL_ERROR', message: problem.detail };
    return reply.send(JSON.stringify({ ...problem, instance: request.url.split('?')[0], ...ofMlflow }));
  });
}

const MLFLOW_CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_PARAMETER_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  413: 'BAD_REQUEST',
  503: 'TEMPORARILY_UNAVAILABLE',
};

/** Fastify's own refusals, and those of its plugins, e.g. of a path that leads out of a folder. */
function asException(error: unknown): unknown {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number' || error.statusCode >= 500) return error;
  return new HttpException(error.message, error.statusCode);
}
