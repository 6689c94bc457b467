import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('webhook')
export class WebhookRow {
  @PrimaryColumn('uuid', { name: 'webhook_id' })
  webhookId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  @Column('text')
  description: string;

  @Column('text')
  url: string;

  @Column('jsonb')
  events: string[];

  /** `ACTIVE`, `DISABLED` or `DELETED`. */
  @Column('text')
  status: string;

  @Column('text', { name: 'sealed_secret' })
  sealedSecret: string;

  @Column('bigint', { name: 'creation_time_ms' })
  creationTimeMs: string;

  @Column('bigint', { name: 'last_update_time_ms' })
  lastUpdateTimeMs: string;
}

/** What facts about a model leave out: its name now, and whether it is a prompt. */
@Entity('hooked_model')
export class HookedModelRow {
  @PrimaryColumn('text', { name: 'model_id' })
  modelId: string;

  @Column('text')
  name: string;

  @Column('boolean', { name: 'is_prompt' })
  isPrompt: boolean;
}

@Entity('hooked_version')
export class HookedVersionRow {
  @PrimaryColumn('text', { name: 'version_id' })
  versionId: string;

  @Column('text', { name: 'model_id' })
  modelId: string;

  @Column('int')
  version: number;
}

@Entity('webhook_delivery')
export class DeliveryRow {
  @PrimaryColumn('uuid', { name: 'delivery_id' })
  deliveryId: string;

  @Column('uuid', { name: 'webhook_id' })
  webhookId: string;

  @Column('text')
  workspace: string;

  /** Position of the fact in the log and place within it, padded so that texts sort as numbers. */
  @Column('text')
  place: string;

  /** The same; of a redelivery, the place of the request. */
  @Column('text', { name: 'queue_place' })
  queuePlace: string;

  @Column('text')
  event: string;

  /** JSON, byte for byte as it is sent. */
  @Column('text')
  payload: string;

  /** `pending`, `delivered`, `failed` or `dropped`. */
  @Column('text')
  status: string;

  @Column('int')
  attempts: number;

  /** Since it was queued, or asked for again. */
  @Column('int', { name: 'round_attempts' })
  roundAttempts: number;

  @Column('int', { name: 'response_status' })
  responseStatus: number;

  @Column('text')
  detail: string;

  /** RFC 3339 UTC; empty: at once. */
  @Column('text', { name: 'retry_at' })
  retryAt: string;

  @Column('text', { name: 'queued_at' })
  queuedAt: string;
}
