import type { FastifyRequest } from '@cairn/service';
import type { FastifyInstance } from 'fastify';
import { repositoryIndex } from './model-facts.js';
import { statisticsOf } from './model-statistics.js';
import { refusedLoad } from './not-supported.js';
import { V2Error } from './v2-error.js';
import { jsonOf, workspaceOf } from './v2-request.js';
import type { V2Scope } from './v2-routes.js';

interface RepositoryParams {
  readonly model: string;
}

/** What is asked of all models, and Triton's control of models, which here is a rollout's. */
export function addRepositoryRoutes(scope: FastifyInstance, parts: V2Scope): void {
  const { fleet, inference, statistics } = parts;
  const runtimes = (request: FastifyRequest) => fleet.all().filter(({ workspace }) => workspace === workspaceOf(request));

  scope.get('/models', async (request) => ({ models: runtimes(request).map(({ deployment }) => deployment.name).sort() }));
  scope.get('/models/stats', async (request) => ({ model_stats: runtimes(request).flatMap((runtime) => statisticsOf(runtime, undefined, statistics)) }));

  for (const path of ['/repository', '/repository/:repository']) {
    scope.post(`${path}/index`, async (request) => {
      const { ready = false } = await jsonOf(request, parts);
      if (typeof ready !== 'boolean') throw new V2Error(400, "Unable to parse 'ready': true or false is expected");
      return repositoryIndex(fleet.all(), workspaceOf(request), ready);
    });
    for (const action of ['load', 'unload'] as const) {
      scope.post(`${path}/models/:model/${action}`, async (request) => {
        const { model } = request.params as RepositoryParams;
        inference.deployed(workspaceOf(request), model);
        throw refusedLoad(model, action);
      });
    }
  }
}
