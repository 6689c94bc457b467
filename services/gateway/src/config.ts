import { placements, type EnvReader, type ServiceName } from '@cairn/service';
import type { Upstream } from './routing/routes.js';

export interface GatewaySettings {
  /** Base URL per service, without a slash at the end. */
  readonly upstreams: Readonly<Record<Upstream, string>>;
}

const NAMES: readonly Upstream[] = [
  'data-catalog', 'feature-store', 'experiment-tracking', 'training-scheduler', 'model-registry', 'serving', 'monitoring', 'lineage',
];

/** `CAIRN_<SERVICE>_URL`, e.g. `CAIRN_MODEL_REGISTRY_URL`; by default the service's own port on this machine. */
export function readSettings(env: EnvReader): GatewaySettings {
  const entries = NAMES.map((name) => [name, env.url(variableOf(name), ['http:', 'https:'], `http://127.0.0.1:${placements[name].defaultPort}`).replace(/\/$/, '')]);
  return { upstreams: Object.fromEntries(entries) as Record<Upstream, string> };
}

export function variableOf(service: ServiceName): string {
  return `CAIRN_${service.toUpperCase().replaceAll('-', '_')}_URL`;
}
