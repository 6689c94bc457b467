import type { FastifyInstance } from 'fastify';
import { refusedSharedMemory } from './not-supported.js';

/** There is none, and clients who clear up at their start or end find that it is clear. */
export function addSharedMemoryRoutes(scope: FastifyInstance): void {
  for (const kind of ['system', 'cuda']) {
    const path = `/${kind}sharedmemory`;
    for (const place of [path, `${path}/region/:region`]) {
      scope.get(`${place}/status`, async () => []);
      scope.post(`${place}/unregister`, async () => ({}));
    }
    scope.post(`${path}/region/:region/register`, async () => {
      throw refusedSharedMemory();
    });
  }
}
