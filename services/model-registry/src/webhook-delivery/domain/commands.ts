import type { Plain, registry } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type Attempt = Plain<registry.WebhookDeliveryAttempted>;

export type RecordAttempt = Command<'RecordAttempt', Attempt>;
export type RequestRedelivery = Command<'RequestRedelivery', { readonly deliveryId: string; readonly webhookId: string; readonly isWaiting: boolean }>;

export type DeliveryCommand = RecordAttempt | RequestRedelivery;
