import { derivedId } from '@cairn/kernel';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { PROMPT_TAG } from '../../../mlflow/registry-filter.js';
import { NO_SETTINGS, type WebhookEvent } from '../../../webhook/domain/state.js';
import type { DeliveryEvent } from '../../domain/state.js';
import { DeliveryRow, HookedModelRow, HookedVersionRow, WebhookRow } from './delivery.entity.js';
import { hooksOf, payloadOf, type HookedFact, type Subject } from './hook-facts.js';

type QueueEvent = HookedFact | WebhookEvent | DeliveryEvent;

/**
 * Webhooks and what is to be sent to them. The queue is a view of the log, and no reaction to copies of it: so it is in the order of the log, whatever the
 * types of the facts are, nothing is queued twice, and a webhook hears of what happened from its creation on.
 */
export class DeliveryQueueProjection implements Projection<QueueEvent> {
  readonly name = 'delivery-queue';
  readonly entities = [WebhookRow, HookedModelRow, HookedVersionRow, DeliveryRow];
  readonly types = [
    'cairn.registry.v1.RegisteredModelCreated',
    'cairn.registry.v1.ModelRenamed',
    'cairn.registry.v1.ModelDeleted',
    'cairn.registry.v1.ModelRestored',
    'cairn.registry.v1.ModelTagsSet',
    'cairn.registry.v1.ModelTagRemoved',
    'cairn.registry.v1.AliasMoved',
    'cairn.registry.v1.AliasRemoved',
    'cairn.registry.v1.ModelVersionCreated',
    'cairn.registry.v1.ModelVersionDeleted',
    'cairn.registry.v1.ModelVersionRestored',
    'cairn.registry.v1.VersionStageChanged',
    'cairn.registry.v1.VersionTagsSet',
    'cairn.registry.v1.VersionTagRemoved',
    'cairn.registry.v1.PromotionBlocked',
    'cairn.registry.v1.WebhookCreated',
    'cairn.registry.v1.WebhookReconfigured',
    'cairn.registry.v1.WebhookDeleted',
    'cairn.registry.v1.WebhookDeliveryAttempted',
    'cairn.registry.v1.WebhookRedeliveryRequested',
  ] as const;

  async apply(events: readonly Recorded<QueueEvent>[], manager: EntityManager): Promise<void> {
    for (const recorded of events) await this.applyOne(recorded, manager);
  }

  private async applyOne({ event, ...recorded }: Recorded<QueueEvent>, manager: EntityManager): Promise<void> {
    const { time, workspace, position } = recorded;
    switch (event.type) {
      case 'cairn.registry.v1.WebhookCreated':
      case 'cairn.registry.v1.WebhookReconfigured': {
        const { webhookId, settings = NO_SETTINGS } = event.data;
        const timeMs = String(Date.parse(time));
        const before = await manager.findOneBy(WebhookRow, { webhookId });
        const row = { webhookId, workspace, ...settings, events: [...settings.events], creationTimeMs: before?.creationTimeMs ?? timeMs, lastUpdateTimeMs: timeMs };
        await manager.upsert(WebhookRow, row, ['webhookId']);
        return;
      }
      case 'cairn.registry.v1.WebhookDeleted': {
        const { webhookId } = event.data;
        await manager.update(WebhookRow, { webhookId }, { status: 'DELETED', sealedSecret: '' });
        await manager.update(DeliveryRow, { webhookId, status: 'pending' }, { status: 'dropped', detail: 'The webhook was deleted.', retryAt: '' });
        return;
      }
      case 'cairn.registry.v1.WebhookDeliveryAttempted': {
        const { deliveryId, attempt, outcome, responseStatus, detail, retryAt } = event.data;
        const row = await manager.findOneBy(DeliveryRow, { deliveryId });
        if (row === null) return;
        const status = outcome === 'retry' ? (row.status === 'dropped' ? 'dropped' : 'pending') : outcome;
        await manager.update(DeliveryRow, { deliveryId }, { status, attempts: attempt, roundAttempts: row.roundAttempts + 1, responseStatus, detail, retryAt });
        return;
      }
      case 'cairn.registry.v1.WebhookRedeliveryRequested':
        await manager.update(DeliveryRow, { deliveryId: event.data.deliveryId }, { status: 'pending', roundAttempts: 0, retryAt: '', queuePlace: placeOf(position, 0) });
        return;
      default:
        await queue(event, recorded, manager);
    }
  }
}

async function queue(fact: HookedFact, { id, time, workspace, position }: Omit<Recorded<HookedFact>, 'event'>, manager: EntityManager): Promise<void> {
  const subject = await subjectOf(fact, manager);
  const webhooks = await manager.findBy(WebhookRow, { workspace, status: 'ACTIVE' });
  if (subject === undefined || webhooks.length === 0) return;
  const hooks = hooksOf(fact, subject);
  const rows = hooks.flatMap((hook, index) =>
    webhooks
      .filter(({ events }) => events.includes(hook.event))
      .map(({ webhookId }) => ({
        deliveryId: derivedId('webhook-delivery', webhookId, id, String(index)),
        webhookId,
        workspace,
        place: placeOf(position, index),
        queuePlace: placeOf(position, index),
        event: hook.event,
        payload: payloadOf(hook, time, workspace),
        status: 'pending',
        attempts: 0,
        roundAttempts: 0,
        responseStatus: 0,
        detail: '',
        retryAt: '',
        queuedAt: time,
      })),
  );
  if (rows.length > 0) await manager.upsert(DeliveryRow, rows, ['deliveryId']);
}

/** Learns names and numbers from the facts that say them, for those that leave them out. */
async function subjectOf(fact: HookedFact, manager: EntityManager): Promise<Subject | undefined> {
  if (fact.type === 'cairn.registry.v1.RegisteredModelCreated') {
    const { modelId, name, tags } = fact.data;
    const isPrompt = tags.some(({ key, value }) => key === PROMPT_TAG && value === 'true');
    await manager.upsert(HookedModelRow, { modelId, name, isPrompt }, ['modelId']);
    return { name, isPrompt, version: 0 };
  }
  if (fact.type === 'cairn.registry.v1.ModelVersionCreated') {
    const { versionId, modelId, version } = fact.data;
    await manager.upsert(HookedVersionRow, { versionId, modelId, version }, ['versionId']);
  }
  if (fact.type === 'cairn.registry.v1.ModelRenamed') await manager.update(HookedModelRow, { modelId: fact.data.modelId }, { name: fact.data.name });
  const version = 'versionId' in fact.data ? await manager.findOneBy(HookedVersionRow, { versionId: fact.data.versionId }) : null;
  const modelId = 'modelId' in fact.data ? fact.data.modelId : version?.modelId;
  const model = modelId === undefined ? null : await manager.findOneBy(HookedModelRow, { modelId });
  return model === null ? undefined : { name: model.name, isPrompt: model.isPrompt, version: version?.version ?? 0 };
}

/** Texts of one length sort as the numbers that they show. */
function placeOf(position: bigint, index: number): string {
  return `${String(position).padStart(19, '0')}.${String(index).padStart(5, '0')}`;
}
