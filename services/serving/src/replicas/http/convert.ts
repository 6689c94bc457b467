import type { KnownReplica } from '../replica-directory.js';

export type ReplicaResponse = ReturnType<typeof convertReplica>;

export function convertReplica({ status, heardAtMs, silent, here }: KnownReplica, workspace: string) {
  return {
    name: status.name,
    start_id: status.startId,
    started_at: status.startedAt,
    http_url: status.httpUrl,
    grpc_address: status.grpcAddress,
    state: silent ? 'silent' : 'alive',
    last_sign_at: new Date(heardAtMs).toISOString(),
    control_plane: here,
    position: String(status.position),
    memory_bytes: Number(status.memoryBytes),
    load: status.load,
    deployments: status.deployments
      .filter((deployment) => deployment.workspace === workspace)
      .map(({ name, queued, running, instanceIds, versions }) => ({
        name,
        queued,
        running,
        instance_ids: instanceIds,
        versions: versions.map(({ versionId, version, digest, ready }) => ({ version_id: versionId, version, digest, ready })),
      })),
  };
}
