import { invalidParameter, type Fields } from '@cairn/mlflow';
import type { DeliveryRow, WebhookRow } from '../../webhook-delivery/views/delivery-queue/delivery.entity.js';
import { isMlflowEvent } from '../domain/hook-events.js';

/** An event as MLflow's client sends it: `{"entity": "MODEL_VERSION", "action": "CREATED"}`. */
export function convertEvent(fields: Fields): string {
  const event = `${fields.text('entity')}.${fields.text('action')}`.toLowerCase();
  if (!isMlflowEvent(event)) throw invalidParameter(`There is no webhook event ${event.slice(0, 100)} that MLflow and this registry know.`);
  return event;
}

/** As MLflow's client understands it: its events alone, and never the secret. */
export function convertMlflowWebhook({ webhookId, name, description, url, events, status, creationTimeMs, lastUpdateTimeMs }: WebhookRow) {
  return {
    webhook_id: webhookId,
    name,
    ...(description !== '' && { description }),
    url,
    events: events.filter(isMlflowEvent).map((event) => {
      const [entity = '', action = ''] = event.toUpperCase().split('.');
      return { entity, action };
    }),
    status,
    creation_timestamp: Number(creationTimeMs),
    last_updated_timestamp: Number(lastUpdateTimeMs),
  };
}

export function convertWebhook({ webhookId, name, description, url, events, status, sealedSecret, creationTimeMs, lastUpdateTimeMs }: WebhookRow) {
  return {
    webhook_id: webhookId, name, description, url, events, status, is_signed: sealedSecret !== '',
    created_at_ms: Number(creationTimeMs), updated_at_ms: Number(lastUpdateTimeMs),
  };
}

export function convertDelivery({ deliveryId, webhookId, event, payload, status, attempts, responseStatus, detail, retryAt, queuedAt }: DeliveryRow) {
  return {
    delivery_id: deliveryId, webhook_id: webhookId, event, payload: JSON.parse(payload) as object, status, attempts, response_status: responseStatus, detail,
    retry_at: retryAt === '' ? null : retryAt, queued_at: queuedAt,
  };
}
