import { setTimeout as pause } from 'node:timers/promises';
import { CommandHandler, PostgresLease } from '@cairn/event-store';
import { DomainError, newId, type Clock } from '@cairn/kernel';
import { CLOCK, eventTime, LOGGER, SERVICE_CONFIG, SERVICE_SETTINGS, type Logger, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { RegistrySettings } from '../../config.js';
import { WebhookSender } from '../../webhook/sending/webhook-sender.js';
import { webhookDelivery } from '../domain/decider.js';
import { outcomeOf } from '../domain/outcome.js';
import { DeliveryQueueQuery } from '../views/delivery-queue/delivery-queue.query.js';
import type { DeliveryRow, WebhookRow } from '../views/delivery-queue/delivery.entity.js';

const LEASE = 'cairn webhook deliveries';
const LOOK_MS = 250;
/** Webhooks that are being sent to at once. */
const MAX_IN_FLIGHT = 16;

/**
 * Sends what is queued: one process at a time, the first that waits of each webhook, until the receiver has it or the attempts are used up. The queue and
 * what came of each attempt are in the log, so a process that dies leaves nothing behind but perhaps one delivery that is sent again, under the same id.
 */
@Injectable()
export class DeliverySchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly inFlight = new Map<string, Promise<void>>();
  private loop: Promise<void> | undefined;

  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(DeliveryQueueQuery) private readonly queue: DeliveryQueueQuery,
    @Inject(WebhookSender) private readonly sender: WebhookSender,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Inject(SERVICE_SETTINGS) private readonly settings: RegistrySettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.loop = this.stand();
  }

  /** An attempt that is on its way ends, within its own time, and is recorded. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async stand(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const lease = await PostgresLease.acquire(this.config.databaseUrl, LEASE, signal).catch(() => undefined);
      if (lease === undefined) return;
      try {
        await this.work(AbortSignal.any([signal, lease.signal]));
      } finally {
        await Promise.allSettled(this.inFlight.values());
        await lease.release();
      }
    }
  }

  private async work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.startDue().catch((error: unknown) => this.logger.error({ err: error }, 'could not look for webhook deliveries'));
      await Promise.race([pause(LOOK_MS, undefined, { signal }).catch(() => undefined), ...this.inFlight.values()]);
    }
  }

  private async startDue(): Promise<void> {
    if (this.inFlight.size >= MAX_IN_FLIGHT) return;
    for (const { webhook, delivery } of await this.queue.due(this.clock.now(), MAX_IN_FLIGHT + this.inFlight.size)) {
      if (this.inFlight.has(webhook.webhookId) || this.inFlight.size >= MAX_IN_FLIGHT) continue;
      const sending = this.attempt(webhook, delivery)
        .catch((error: unknown) => this.logger.error({ err: error, deliveryId: delivery.deliveryId }, 'a webhook delivery could not be recorded and is sent again'))
        .finally(() => this.inFlight.delete(webhook.webhookId));
      this.inFlight.set(webhook.webhookId, sending);
    }
  }

  private async attempt(webhook: WebhookRow, { deliveryId, webhookId, payload, attempts, roundAttempts }: DeliveryRow): Promise<void> {
    // The queue was read while the attempt before was on its way, and it may be behind: the stream knows what was recorded, whoever got to hear of it.
    const [current, { state }] = await Promise.all([this.queue.delivery(webhookId, deliveryId), this.commands.state(webhookDelivery, deliveryId)]);
    if (current?.status !== 'pending' || state.isOver || state.attempts !== attempts) return;
    const answer = await this.sender.send(webhook, deliveryId, payload);
    const { outcome, waitMs } = outcomeOf(answer, roundAttempts + 1, this.settings.webhooks);
    const now = this.clock.now();
    const data = {
      deliveryId,
      webhookId,
      attempt: attempts + 1,
      outcome,
      responseStatus: answer.kind === 'answered' ? answer.status : 0,
      detail: answer.detail,
      retryAt: waitMs === undefined ? '' : eventTime(new Date(Date.parse(now) + waitMs).toISOString()),
    };
    const meta = { commandId: newId(), now, actor: { principal: 'model-registry' }, workspace: webhook.workspace, correlationId: newId() };
    try {
      await this.commands.handle(webhookDelivery, { type: 'RecordAttempt', data, meta }, { id: deliveryId });
    } catch (error) {
      // Another process took the lease while this one was cut off, and was quicker.
      if (!(error instanceof DomainError) || error.code !== 'ATTEMPT_OUT_OF_TURN') throw error;
    }
  }
}
