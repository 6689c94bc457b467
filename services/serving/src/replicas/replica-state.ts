import type { Server } from 'node:http';
import { hostname } from 'node:os';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { replica } from '@cairn/contracts';
import { newId } from '@cairn/kernel';
import type { DeploymentRuntime } from '../fleet/deployment-runtime.js';
import type { Fleet } from '../fleet/fleet.js';
import { toStageStatus } from './protocol/convert.js';

export interface ReplicaPlace {
  /** The same after a restart. */
  readonly name: string;
  readonly httpUrl: string;
  /** Host and port. */
  readonly grpcAddress: string;
}

export interface Listening {
  readonly host: string;
  /** Undefined: from the machine's name and the port. */
  readonly replicaName: string | undefined;
  readonly http: Server;
  readonly grpcPort: number;
}

export function replicaPlace({ host, replicaName, http, grpcPort }: Listening): ReplicaPlace {
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const shown = host.includes(':') ? `[${host}]` : host;
  return { name: replicaName ?? `${hostname()}-${port}`, httpUrl: `http://${shown}:${port}`, grpcAddress: `${shown}:${grpcPort}` };
}

/** What this process tells of itself. */
export class ReplicaState {
  readonly startId = newId();
  private readonly startedAt = new Date().toISOString();
  private usage = process.cpuUsage();
  private measuredAt = performance.now();
  private load = 0;

  constructor(
    private readonly place: () => ReplicaPlace,
    private readonly fleet: Pick<Fleet, 'all' | 'position'>,
  ) {}

  /** Processor time over wall time since the last call counts as load. */
  measure(): void {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.usage);
    this.load = (user + system) / 1_000 / Math.max(1, now - this.measuredAt);
    this.usage = process.cpuUsage();
    this.measuredAt = now;
  }

  now(leaving = false): replica.ReplicaStatus {
    const { startId, startedAt, load } = this;
    const deployments = this.fleet.all().map(deploymentStatus);
    return create(replica.ReplicaStatusSchema, {
      ...this.place(),
      startId,
      startedAt,
      position: this.fleet.position,
      memoryBytes: BigInt(process.memoryUsage.rss()),
      load,
      deployments,
      leaving,
    });
  }
}

function deploymentStatus(runtime: DeploymentRuntime): MessageInitShape<typeof replica.DeploymentStatusSchema> {
  const { workspace, deployment, group, batcher, candidate, recorder } = runtime;
  return {
    deploymentId: deployment.deploymentId,
    workspace,
    name: deployment.name,
    queued: batcher.queued,
    running: group.pending,
    instanceIds: [...group.members],
    versions: runtime.held.map(({ versionId, version, digest }) => ({ versionId, version, digest, ready: group.ready(versionId).length })),
    ...(candidate !== undefined && { stage: toStageStatus(candidate.rolloutId, candidate.stage, recorder.statistics()) }),
  };
}
