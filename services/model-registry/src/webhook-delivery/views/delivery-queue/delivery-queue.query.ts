import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, Not } from 'typeorm';
import { DeliveryRow, WebhookRow } from './delivery.entity.js';

const GONE = 'DELETED';

@Injectable()
export class DeliveryQueueQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  webhook(workspace: string, webhookId: string): Promise<WebhookRow | null> {
    return this.dataSource.manager.findOneBy(WebhookRow, { workspace, webhookId, status: Not(GONE) });
  }

  /** In the order of their creation. */
  webhooks(workspace: string, { limit, offset }: { readonly limit: number; readonly offset: number }): Promise<WebhookRow[]> {
    const order = { creationTimeMs: 'ASC', webhookId: 'ASC' } as const;
    return this.dataSource.manager.find(WebhookRow, { where: { workspace, status: Not(GONE) }, order, take: limit, skip: offset });
  }

  countOf(workspace: string): Promise<number> {
    return this.dataSource.manager.countBy(WebhookRow, { workspace, status: Not(GONE) });
  }

  /** Newest first; `below` is the place that the page before ended with. */
  deliveries(webhookId: string, { limit, below, status }: { readonly limit: number; readonly below?: string; readonly status?: string }): Promise<DeliveryRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(DeliveryRow, 'delivery').where({ webhookId, ...(status !== undefined && { status }) });
    if (below !== undefined) query.andWhere('delivery.place < :below', { below });
    return query.orderBy('delivery.place', 'DESC').take(limit).getMany();
  }

  delivery(webhookId: string, deliveryId: string): Promise<DeliveryRow | null> {
    return this.dataSource.manager.findOneBy(DeliveryRow, { webhookId, deliveryId });
  }

  /** The first that waits of each active webhook, if it need not wait longer: nothing of a webhook overtakes. */
  async due(now: string, limit: number): Promise<{ readonly webhook: WebhookRow; readonly delivery: DeliveryRow }[]> {
    const { manager } = this.dataSource;
    const ids: readonly { readonly delivery_id: string }[] = await manager.query(
      `SELECT head.delivery_id FROM webhook CROSS JOIN LATERAL (
         SELECT delivery_id, retry_at, queue_place FROM webhook_delivery waiting
         WHERE waiting.webhook_id = webhook.webhook_id AND waiting.status = 'pending' ORDER BY queue_place LIMIT 1) head
       WHERE webhook.status = 'ACTIVE' AND head.retry_at <= $1 ORDER BY head.queue_place LIMIT $2`,
      [now, limit],
    );
    const heads = await manager.findBy(DeliveryRow, { deliveryId: In(ids.map(({ delivery_id }) => delivery_id)) });
    const found = await Promise.all(heads.map(async (delivery) => ({ delivery, webhook: await manager.findOneBy(WebhookRow, { webhookId: delivery.webhookId }) })));
    return found.flatMap(({ webhook, delivery }) => (webhook === null ? [] : [{ webhook, delivery }]));
  }
}
