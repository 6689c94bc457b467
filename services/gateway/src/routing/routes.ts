import type { ServiceName } from '@cairn/service';

/** Where the Open Inference Protocol is spoken. */
export const INFERENCE_PREFIX = '/v2';

export type Upstream = Exclude<ServiceName, 'gateway'>;

export interface Route {
  readonly prefix: string;
  readonly upstream: Upstream;
}

const MLFLOW_PREFIXES = ['/api/2.0', '/api/3.0', '/ajax-api/2.0', '/ajax-api/3.0'];
const REGISTRY_RESOURCES = ['registered-models', 'model-versions', 'webhooks'];

/** Who answers which path. A longer prefix wins over a shorter one. Foreign protocols keep their own paths. */
export const routes: readonly Route[] = [
  { prefix: '/catalog', upstream: 'data-catalog' },
  { prefix: '/features', upstream: 'feature-store' },
  { prefix: '/get-online-features', upstream: 'feature-store' },
  { prefix: '/materialize', upstream: 'feature-store' },
  { prefix: '/tracking', upstream: 'experiment-tracking' },
  { prefix: '/scheduler', upstream: 'training-scheduler' },
  { prefix: '/registry', upstream: 'model-registry' },
  { prefix: '/serving', upstream: 'serving' },
  { prefix: '/monitoring', upstream: 'monitoring' },
  { prefix: '/lineage', upstream: 'lineage' },
  { prefix: '/checkpoint', upstream: 'lineage' },
  { prefix: '/tile', upstream: 'lineage' },
  { prefix: '/v1/traces', upstream: 'experiment-tracking' },
  { prefix: '/version', upstream: 'experiment-tracking' },
  { prefix: '/health', upstream: 'experiment-tracking' },
  { prefix: '/get-artifact', upstream: 'experiment-tracking' },
  { prefix: '/graphql', upstream: 'experiment-tracking' },
  { prefix: '/model-versions/get-artifact', upstream: 'model-registry' },
  ...MLFLOW_PREFIXES.flatMap((base): Route[] => [
    { prefix: `${base}/mlflow`, upstream: 'experiment-tracking' },
    { prefix: `${base}/mlflow-artifacts`, upstream: 'experiment-tracking' },
    ...REGISTRY_RESOURCES.map((resource): Route => ({ prefix: `${base}/mlflow/${resource}`, upstream: 'model-registry' })),
  ]),
];

/** Paths that the gateway answers itself although a prefix above covers them. */
export const OWN_PATHS = new Set(['/health/live', '/health/ready']);
