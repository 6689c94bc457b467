import type { FastifyRequest } from '@cairn/service';
import type { FastifyInstance } from 'fastify';
import type { JsonRecord } from '../json-record.js';
import { logSettings, requireUnchanged, traceSettings, type Settings } from './server-settings.js';
import { jsonOf, workspaceOf } from './v2-request.js';
import type { V2Scope } from './v2-routes.js';

/** Settings can be read; what would change one is refused. */
export function addSettingsRoutes(scope: FastifyInstance, parts: V2Scope): void {
  const add = (path: string, kind: 'trace' | 'log', settings: Settings): void => {
    const requireModel = (request: FastifyRequest): void => {
      const { model } = request.params as { readonly model?: string };
      if (model !== undefined) parts.inference.deployed(workspaceOf(request), model);
    };
    scope.get(path, async (request) => {
      requireModel(request);
      return settings;
    });
    scope.post(path, async (request) => {
      requireModel(request);
      return requireUnchanged(kind, withoutNulls(await jsonOf(request, parts)));
    });
  };
  for (const path of ['/trace/setting', '/models/:model/trace/setting']) add(path, 'trace', traceSettings);
  add('/logging', 'log', logSettings);
}

/** `null` asks for the default, and every setting is as it is by default. */
function withoutNulls(asked: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null));
}
