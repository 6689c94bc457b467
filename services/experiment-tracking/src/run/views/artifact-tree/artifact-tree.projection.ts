import type { EventOf, tracking } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { ArtifactRow } from './artifact.entity.js';

type Event = EventOf<tracking.ArtifactLogged | tracking.ArtifactRemoved | tracking.LoggedModelArtifactLogged | tracking.LoggedModelArtifactRemoved>;

/** What lies under the artifact root of a run or a logged model. Content that was replaced or removed stays in the object store and in the log. */
export class ArtifactTreeProjection implements Projection<Event> {
  readonly name = 'artifact-tree';
  readonly entities = [ArtifactRow];
  readonly types = [
    'cairn.tracking.v1.ArtifactLogged',
    'cairn.tracking.v1.ArtifactRemoved',
    'cairn.tracking.v1.LoggedModelArtifactLogged',
    'cairn.tracking.v1.LoggedModelArtifactRemoved',
  ] as const;

  /** What is removed between two uploads must not take the later one with it: uploads go in up to each removal. */
  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    let logged = new Map<string, ArtifactRow>();
    const flush = async (): Promise<void> => {
      if (logged.size > 0) await manager.upsert(ArtifactRow, [...logged.values()], ['ownerId', 'path']);
      logged = new Map();
    };
    for (const { event, time } of events) {
      const ownerId = 'runId' in event.data ? event.data.runId : event.data.modelId;
      const { path } = event.data;
      if ('digest' in event.data) {
        const { digest, sizeBytes } = event.data;
        logged.set(`${ownerId}/${path}`, { ownerId, path, digest, sizeBytes: String(sizeBytes), loggedAt: time });
      } else {
        await flush();
        await manager.query("DELETE FROM artifact WHERE owner_id = $1 AND ($2 = '' OR path = $2 OR starts_with(path, $2 || '/'))", [ownerId, path]);
      }
    }
    await flush();
  }
}
