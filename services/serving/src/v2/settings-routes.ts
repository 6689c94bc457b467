import type { FastifyRequest } from '@cairn/service';
import type { FastifyInstance } from 'fastify';
import type { JsonRecord } from './decode-request.js';
import { V2Error } from './v2-error.js';
import { jsonOf, workspaceOf } from './v2-request.js';
import type { V2Parts } from './v2-routes.js';

type Settings = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Triton's settings of traces (docs/protocol/extension_trace.md): it writes none of its kind. */
const TRACE: Settings = { trace_level: ['OFF'], trace_rate: '1000', trace_count: '-1', log_frequency: '0', trace_file: '', trace_mode: 'triton' };
/** Triton's settings of its log (docs/protocol/extension_logging.md). */
const LOGGING: Settings = { log_file: '', log_info: true, log_warning: true, log_error: true, log_verbose_level: 0, log_format: 'default' };

/** Settings can be read; what would change one is refused, since they come from the environment of the process. */
export function addSettingsRoutes(scope: FastifyInstance, { inference, limits }: V2Parts): void {
  const add = (path: string, kind: string, settings: Settings, instead: string): void => {
    const known = (request: FastifyRequest): void => {
      const { model } = request.params as { readonly model?: string };
      if (model !== undefined) inference.deployed(workspaceOf(request), model);
    };
    scope.get(path, async (request) => {
      known(request);
      return settings;
    });
    scope.post(path, async (request) => {
      known(request);
      refuseChanges(kind, settings, await jsonOf(request, limits), instead);
      return settings;
    });
  };
  for (const path of ['/trace/setting', '/models/:model/trace/setting']) add(path, 'trace', TRACE, 'send a traceparent header with each request that is to be traced');
  add('/logging', 'logging', LOGGING, 'start the service with another CAIRN_LOG_LEVEL');
}

/** `null` clears a setting, and a cleared one is as it is anyway. */
function refuseChanges(kind: string, settings: Settings, asked: JsonRecord, instead: string): void {
  for (const [name, value] of Object.entries(asked)) {
    const current = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (current === undefined) throw new V2Error(400, `Unknown ${kind} setting '${name.slice(0, 100)}'`);
    if (value !== null && textOf(value) !== textOf(current)) throw new V2Error(400, `${kind} setting '${name}' can't be changed; ${instead}`);
  }
}

/** Clients write numbers as texts and single values as lists, or not. */
function textOf(value: unknown): string {
  return JSON.stringify([value].flat().map(String));
}
