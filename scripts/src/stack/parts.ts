import { placements, type ServiceName } from '@cairn/service';

/** Everything that takes a port. */
export type PartName = ServiceName | 'serving-grpc' | 'postgres' | 'nats';

export const serviceNames = Object.keys(placements) as readonly ServiceName[];
export const partNames: readonly PartName[] = [...serviceNames, 'serving-grpc', 'postgres', 'nats'];

/** What a person reads in the table. */
export const partTitles: Readonly<Record<PartName, string>> = {
  gateway: 'one origin for all services',
  'data-catalog': 'datasets, versions, contracts',
  'feature-store': 'features, training sets, online values',
  'experiment-tracking': 'experiments and runs (MLflow REST)',
  'training-scheduler': 'jobs, queues, triggers',
  'model-registry': 'models, versions, gates (MLflow REST)',
  serving: 'deployments, inference (OIP V2)',
  'serving-grpc': 'inference over gRPC (OIP V2)',
  monitoring: 'drift, quality, incidents',
  lineage: 'graph, replay, transparency log',
  postgres: 'PostgreSQL 18: the log and the read models',
  nats: 'nats-server: events between services',
};
