import type { EventOf, registry } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { ServableVersionRow } from './servable-version.entity.js';
import { signatureOf } from './signature.js';

type Event = EventOf<
  | registry.ModelVersionCreated
  | registry.VersionPromoted
  | registry.AliasMoved
  | registry.AliasRemoved
  | registry.ModelRenamed
  | registry.ModelDeleted
  | registry.ModelRestored
  | registry.ModelVersionDeleted
  | registry.ModelVersionRestored
>;

/** What the registry's facts say about versions that could be rolled out. */
export class ServableVersionProjection implements Projection<Event> {
  readonly name = 'servable-version';
  readonly entities = [ServableVersionRow];
  readonly types: readonly Event['type'][] = [
    'cairn.registry.v1.ModelVersionCreated',
    'cairn.registry.v1.VersionPromoted',
    'cairn.registry.v1.AliasMoved',
    'cairn.registry.v1.AliasRemoved',
    'cairn.registry.v1.ModelRenamed',
    'cairn.registry.v1.ModelDeleted',
    'cairn.registry.v1.ModelRestored',
    'cairn.registry.v1.ModelVersionDeleted',
    'cairn.registry.v1.ModelVersionRestored',
  ];

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace } of events) {
      switch (event.type) {
        case 'cairn.registry.v1.ModelVersionCreated': {
          const { versionId, modelId, modelName, version, digest, goldenDigest } = event.data;
          const signature = JSON.stringify(signatureOf(event.data.signature));
          const row = { versionId, workspace, modelId, modelName, version, digest, goldenDigest, signature, promotedAliases: '[]', deleted: false, modelDeleted: false };
          await manager.upsert(ServableVersionRow, row, ['versionId']);
          break;
        }
        case 'cairn.registry.v1.VersionPromoted':
          await changeAliases(manager, event.data.versionId, (aliases) => [...aliases.filter((alias) => alias !== event.data.alias), event.data.alias]);
          break;
        case 'cairn.registry.v1.AliasMoved': {
          const { alias, versionId, previousVersionId } = event.data;
          if (previousVersionId === '' || previousVersionId === versionId) break;
          await dropAlias(manager, previousVersionId, alias);
          break;
        }
        case 'cairn.registry.v1.AliasRemoved':
          await dropAlias(manager, event.data.previousVersionId, event.data.alias);
          break;
        case 'cairn.registry.v1.ModelRenamed':
          await manager.update(ServableVersionRow, { modelId: event.data.modelId }, { modelName: event.data.name });
          break;
        case 'cairn.registry.v1.ModelDeleted':
        case 'cairn.registry.v1.ModelRestored':
          await manager.update(ServableVersionRow, { modelId: event.data.modelId }, { modelDeleted: event.type === 'cairn.registry.v1.ModelDeleted' });
          break;
        case 'cairn.registry.v1.ModelVersionDeleted':
        case 'cairn.registry.v1.ModelVersionRestored':
          await manager.update(ServableVersionRow, { versionId: event.data.versionId }, { deleted: event.type === 'cairn.registry.v1.ModelVersionDeleted' });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}

function dropAlias(manager: EntityManager, versionId: string, alias: string): Promise<void> {
  return changeAliases(manager, versionId, (aliases) => aliases.filter((carried) => carried !== alias));
}

async function changeAliases(manager: EntityManager, versionId: string, change: (aliases: readonly string[]) => readonly string[]): Promise<void> {
  const row = await manager.findOneBy(ServableVersionRow, { versionId });
  if (row === null) return;
  await manager.update(ServableVersionRow, { versionId }, { promotedAliases: JSON.stringify(change(JSON.parse(row.promotedAliases) as string[])) });
}
