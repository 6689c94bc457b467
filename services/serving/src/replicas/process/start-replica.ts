import { hostname } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@cairn/kernel';
import { NatsLink } from '@cairn/messaging';
import { openObjectStore } from '@cairn/object-store';
import { ConfigError, createLogger, exposureProblem, openPlainEdge, type Logger } from '@cairn/service';
import { Registry } from 'prom-client';
import { FeatureLookUps } from '../../features/feature-look-ups.js';
import { openOnlineFeatures } from '../../features/open-online-features.js';
import { Fleet } from '../../fleet/fleet.js';
import { GrpcServer } from '../../grpc/grpc-server.js';
import { InferenceMethods } from '../../grpc/inference-methods.js';
import { InferenceRecorder } from '../../inference-log/recorder/inference-recorder.js';
import { InferenceMetrics } from '../../inference/inference-metrics.js';
import { InferenceService } from '../../inference/inference-service.js';
import { InferenceStatistics } from '../../inference/inference-statistics.js';
import { WorkerReplica } from '../../replica/worker/worker-replica.js';
import { addV2Routes } from '../../v2/v2-routes.js';
import { replicaPlace, ReplicaState } from '../replica-state.js';
import { settle } from '../settle.js';
import { SignsOfLife } from '../signs-of-life.js';
import type { ReplicaConfig } from './config.js';
import { NatsControlPlane } from './nats-control-plane.js';
import { NatsWorkFeed } from './nats-work-feed.js';
import { WorkFile } from './work-file.js';

export interface RunningReplica {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  readonly grpcPort: number;
  /** Answers what is in flight, seals what it recorded, and says that it leaves. */
  close(): Promise<void>;
}

/** What can't be sealed by then waits on disk for the next start. */
const SEAL_ON_STOP_MS = 3_000;

/**
 * Starts a process that answers predictions and does nothing else: it has neither a database nor a framework. What to serve it learns from events in NATS, which it
 * keeps in a file; models come from the object store. Of these it needs none for what it already has: it starts and answers with all of them away. Throws ConfigError.
 */
export async function startReplica(config: ReplicaConfig, sharedLogger?: Logger): Promise<RunningReplica> {
  const exposed = exposureProblem(config);
  if (exposed !== undefined) throw new ConfigError([exposed]);
  const { serving } = config;
  const replicaName = serving.replicaName ?? `${hostname()}-${config.port}`;
  const directory = join(config.dataDir, 'replicas', replicaName);
  const logger = sharedLogger?.child({ service: 'serving', replica: replicaName }) ?? createLogger('serving', config.logLevel).child({ replica: replicaName });
  const [registry, clock] = [new Registry(), new SystemClock()];

  const link = new NatsLink({ url: config.natsUrl, name: `serving-${replicaName}`, logger });
  const objects = await openObjectStore(config.objectStoreUrl);
  const file = await WorkFile.open(join(directory, 'work.jsonl'), logger);
  const controlPlane = new NatsControlPlane(link);
  const startInstance = (): WorkerReplica => new WorkerReplica({ maxPending: serving.replicaQueue });
  const fleet = new Fleet(new NatsWorkFeed({ link, logger, file }), objects, controlPlane, startInstance, logger);
  const recorder = new InferenceRecorder({ ...serving, replicaName, ledger: controlPlane, objects, logger, directory: join(config.dataDir, 'serving', 'inference-log') });
  const statistics = new InferenceStatistics();
  const inference = new InferenceService(fleet, recorder, new InferenceMetrics(registry, fleet), statistics, new FeatureLookUps(openOnlineFeatures(config, serving, registry)));

  const edge = openPlainEdge({ config, logger, clock, registry, isReady: () => fleet.isReady });
  addV2Routes(edge.fastify, { fleet, inference, statistics, logger, limits: serving.limits });
  const grpc = new GrpcServer(config, serving, logger, fleet, new InferenceMethods(fleet, inference, statistics), registry);
  const place = () => replicaPlace({ host: config.host, replicaName, http: edge.fastify.server, grpcPort: grpc.port });
  const signs = new SignsOfLife({ link, logger, state: new ReplicaState(place, fleet), settle: (question) => settle({ fleet, recorder }, question) });

  await recorder.start();
  fleet.start();
  await grpc.onApplicationBootstrap();
  await edge.listen();
  signs.start();
  const { httpUrl } = place();
  logger.info({ url: httpUrl }, 'listening');

  return {
    url: httpUrl,
    grpcPort: grpc.port,
    close: async () => {
      await Promise.all([grpc.beforeApplicationShutdown(), edge.close()]);
      await Promise.all(fleet.all().map((runtime) => runtime.comparisonsSettled()));
      await recorder.close(SEAL_ON_STOP_MS);
      await signs.close();
      // Reports that nobody takes end with it.
      await link.close();
      await fleet.close();
      await file.close();
      await objects.close();
    },
  };
}
