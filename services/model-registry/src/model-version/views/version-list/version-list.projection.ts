import { encodeEvent } from '@cairn/contracts';
import type { Actor } from '@cairn/kernel';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { ModelVersionEvent } from '../../domain/state.js';
import { tagsAfter } from '../../../mlflow/tags-after.js';
import { applyLifecycle, isLifecycle, LIFECYCLE, type LifecycleEvent } from './version-lifecycle.js';
import { ApprovalRow, EvaluationRow, VersionRow } from './version.entity.js';

type ListedEvent = ModelVersionEvent | LifecycleEvent;
type Created = Extract<ModelVersionEvent, { type: 'cairn.registry.v1.ModelVersionCreated' }>;

/** Versions, who approved them, and what their gates said each time they were asked. */
export class VersionListProjection implements Projection<ListedEvent> {
  readonly name = 'version-list';
  readonly entities = [VersionRow, ApprovalRow, EvaluationRow];
  readonly types = [
    'cairn.registry.v1.ModelVersionCreated',
    'cairn.registry.v1.GatesEvaluated',
    'cairn.registry.v1.PromotionBlocked',
    'cairn.registry.v1.VersionApproved',
    'cairn.registry.v1.VersionPromoted',
    'cairn.registry.v1.VersionDescribed',
    'cairn.registry.v1.VersionTagsSet',
    'cairn.registry.v1.VersionTagRemoved',
    'cairn.registry.v1.VersionStaged',
    'cairn.registry.v1.VersionMeasured',
    ...LIFECYCLE,
  ] as const;

  async apply(events: readonly Recorded<ListedEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, ...recorded } of events) {
      if (isLifecycle(event)) await applyLifecycle(event, recorded.time, manager);
      else await this.applyOne({ event, ...recorded }, manager);
    }
  }

  private async applyOne(recorded: Recorded<ModelVersionEvent>, manager: EntityManager): Promise<void> {
    const { event, time, actor, position } = recorded;
    const { versionId } = event.data;
    switch (event.type) {
      case 'cairn.registry.v1.ModelVersionCreated':
        await manager.upsert(VersionRow, createdRow(recorded, event), ['versionId']);
        return;
      case 'cairn.registry.v1.VersionApproved': {
        const { alias, comment } = event.data;
        await manager.upsert(ApprovalRow, { versionId, alias, approver: responsible(actor), comment, approvedAt: time }, ['versionId', 'alias', 'approver']);
        return;
      }
      case 'cairn.registry.v1.GatesEvaluated': {
        const { alias, verdict } = event.data;
        const gates = event.data.gates.map((gate) => ({ gate: gate.gate, verdict: gate.verdict, evidence: gate.evidence }));
        const row = { position: String(position), versionId, alias, verdict, gates, outcome: '', evaluatedAt: time, evaluatedBy: responsible(actor) };
        await manager.upsert(EvaluationRow, row, ['position']);
        return;
      }
      case 'cairn.registry.v1.PromotionBlocked':
        await decideLast(manager, versionId, event.data.alias, 'blocked');
        return;
      case 'cairn.registry.v1.VersionPromoted':
        await decideLast(manager, versionId, event.data.alias, 'promoted');
        return;
      case 'cairn.registry.v1.VersionStaged':
        await decideLast(manager, versionId, `stage:${event.data.stage}`, 'promoted');
        return;
      case 'cairn.registry.v1.VersionMeasured': {
        const { p50LatencyMs, p99LatencyMs, requests, conditions } = event.data;
        const shown = { p50_latency_ms: p50LatencyMs, p99_latency_ms: p99LatencyMs, requests: Number(requests), conditions };
        await manager.update(VersionRow, { versionId }, { measurement: { ...shown, measured_by: responsible(actor), measured_at: time } });
        return;
      }
      case 'cairn.registry.v1.VersionDescribed':
        await manager.update(VersionRow, { versionId }, { description: event.data.description, lastUpdateTimeMs: String(Date.parse(time)) });
        return;
      case 'cairn.registry.v1.VersionTagsSet':
      case 'cairn.registry.v1.VersionTagRemoved': {
        const before = (await manager.findOneBy(VersionRow, { versionId }))?.tags ?? [];
        await manager.update(VersionRow, { versionId }, { tags: tagsAfter(before, event), lastUpdateTimeMs: String(Date.parse(time)) });
        return;
      }
      default: {
        const unhandled: never = event;
        return unhandled;
      }
    }
  }
}

/** A decision follows the evaluation that it rests on. */
async function decideLast(manager: EntityManager, versionId: string, alias: string, outcome: string): Promise<void> {
  const last = await manager.findOne(EvaluationRow, { where: { versionId, alias }, order: { position: 'DESC' } });
  if (last !== null) await manager.update(EvaluationRow, { position: last.position }, { outcome });
}

function createdRow({ workspace, time, actor }: Recorded<ModelVersionEvent>, event: Created): VersionRow {
  const { data } = event;
  return {
    versionId: data.versionId,
    workspace,
    modelId: data.modelId,
    modelName: data.modelName,
    version: data.version,
    runId: data.runId,
    source: data.source,
    digest: data.digest,
    sizeBytes: String(data.sizeBytes),
    signature: JSON.stringify(encodeEvent(event)['signature'] ?? {}),
    trainingSetId: data.trainingSetId,
    goldenDigest: data.goldenDigest,
    description: data.description,
    tags: data.tags.map(({ key, value }) => ({ key, value })),
    author: responsible(actor),
    creationTimeMs: String(Date.parse(time)),
    lastUpdateTimeMs: String(Date.parse(time)),
    stage: 'None',
    deletedAt: '',
    modelDeleted: false,
    storageLocation: data.storageLocation,
    copiedFromVersionId: data.copiedFromVersionId,
    loggedModelId: data.loggedModelId,
    runLink: data.runLink,
    measurement: null,
  };
}

function responsible({ principal, onBehalfOf }: Actor): string {
  return onBehalfOf ?? principal;
}
