import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { RegisteredModelEvent } from '../../domain/state.js';
import { tagsAfter } from '../../../mlflow/tags-after.js';
import type { Budget } from '../../domain/commands.js';
import { AliasRow, GatePolicyRow, ModelRow, type BudgetJson } from './model.entity.js';

/** Which models there are, what their aliases point at, and what it takes to carry one. */
export class ModelListProjection implements Projection<RegisteredModelEvent> {
  readonly name = 'model-list';
  readonly entities = [ModelRow, GatePolicyRow, AliasRow];
  readonly types = [
    'cairn.registry.v1.RegisteredModelCreated',
    'cairn.registry.v1.ModelRenamed',
    'cairn.registry.v1.ModelDeleted',
    'cairn.registry.v1.ModelRestored',
    'cairn.registry.v1.GatePolicyDeclared',
    'cairn.registry.v1.ModelVersionAdded',
    'cairn.registry.v1.ModelVersionDeleted',
    'cairn.registry.v1.ModelVersionRestored',
    'cairn.registry.v1.VersionStageChanged',
    'cairn.registry.v1.AliasMoved',
    'cairn.registry.v1.AliasRemoved',
    'cairn.registry.v1.ModelDescribed',
    'cairn.registry.v1.ModelTagsSet',
    'cairn.registry.v1.ModelTagRemoved',
  ] as const;

  async apply(events: readonly Recorded<RegisteredModelEvent>[], manager: EntityManager): Promise<void> {
    for (const recorded of events) await this.applyOne(recorded, manager);
  }

  private async applyOne({ event, time, workspace }: Recorded<RegisteredModelEvent>, manager: EntityManager): Promise<void> {
    const timeMs = String(Date.parse(time));
    const { modelId } = event.data;
    switch (event.type) {
      case 'cairn.registry.v1.RegisteredModelCreated': {
        const { name, description } = event.data;
        const tags = event.data.tags.map(({ key, value }) => ({ key, value }));
        const row = { modelId, workspace, name, description, tags, creationTimeMs: timeMs, lastUpdateTimeMs: timeMs, deletedAt: '' };
        await manager.upsert(ModelRow, row, ['modelId']);
        return;
      }
      case 'cairn.registry.v1.GatePolicyDeclared':
        await manager.upsert(GatePolicyRow, { modelId, alias: event.data.alias, gates: [...event.data.gates], budget: budgetJson(event.data.budget) }, ['modelId', 'alias']);
        break;
      case 'cairn.registry.v1.ModelRenamed':
        await manager.update(ModelRow, { modelId }, { name: event.data.name });
        break;
      case 'cairn.registry.v1.ModelDeleted':
        await manager.update(ModelRow, { modelId }, { deletedAt: time });
        break;
      case 'cairn.registry.v1.ModelRestored':
        await manager.update(ModelRow, { modelId }, { deletedAt: '' });
        break;
      case 'cairn.registry.v1.AliasMoved': {
        const { alias, versionId, version } = event.data;
        await manager.upsert(AliasRow, { modelId, alias, versionId, version, movedAt: time }, ['modelId', 'alias']);
        break;
      }
      case 'cairn.registry.v1.AliasRemoved':
        await manager.delete(AliasRow, { modelId, alias: event.data.alias });
        break;
      case 'cairn.registry.v1.ModelDescribed':
        await manager.update(ModelRow, { modelId }, { description: event.data.description });
        break;
      case 'cairn.registry.v1.ModelTagsSet':
      case 'cairn.registry.v1.ModelTagRemoved': {
        const before = (await manager.findOneBy(ModelRow, { modelId }))?.tags ?? [];
        await manager.update(ModelRow, { modelId }, { tags: tagsAfter(before, event) });
        break;
      }
      case 'cairn.registry.v1.ModelVersionAdded':
      case 'cairn.registry.v1.ModelVersionDeleted':
      case 'cairn.registry.v1.ModelVersionRestored':
      case 'cairn.registry.v1.VersionStageChanged':
        break;
      default: {
        const unhandled: never = event;
        return unhandled;
      }
    }
    await manager.update(ModelRow, { modelId }, { lastUpdateTimeMs: timeMs });
  }
}

function budgetJson(budget: Budget | undefined): BudgetJson {
  if (budget === undefined) return {};
  const { maxSizeBytes, maxP99LatencyMs, minRequests } = budget;
  return {
    ...(maxSizeBytes > 0n && { max_size_bytes: Number(maxSizeBytes) }),
    ...(maxP99LatencyMs > 0 && { max_p99_latency_ms: maxP99LatencyMs }),
    ...(minRequests > 0n && { min_requests: Number(minRequests) }),
  };
}
