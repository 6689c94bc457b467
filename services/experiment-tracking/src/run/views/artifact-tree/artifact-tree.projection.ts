import type { EventOf, tracking } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { ArtifactRow } from './artifact.entity.js';

type Logged = EventOf<tracking.ArtifactLogged>;

/** What lies under a run's artifact root. Content that was replaced stays in the object store and in the log. */
export class ArtifactTreeProjection implements Projection<Logged> {
  readonly name = 'artifact-tree';
  readonly entities = [ArtifactRow];
  readonly types = ['cairn.tracking.v1.ArtifactLogged'] as const;

  async apply(events: readonly Recorded<Logged>[], manager: EntityManager): Promise<void> {
    const rows = events.map(({ event: { data }, time }) => ({
      runId: data.runId,
      path: data.path,
      digest: data.digest,
      sizeBytes: String(data.sizeBytes),
      loggedAt: time,
    }));
    const last = new Map(rows.map((row) => [`${row.runId}/${row.path}`, row]));
    await manager.upsert(ArtifactRow, [...last.values()], ['runId', 'path']);
  }
}
