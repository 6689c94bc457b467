import type { EnvReader } from '@cairn/service';

export interface RegistrySettings {
  readonly webhooks: WebhookLimits;
  readonly provenance: {
    /** Where the key lies that signs statements; by default in the data directory, made at the first start. */
    readonly keyFile: string | undefined;
  };
}

export interface WebhookLimits {
  /** Where the key lies that seals secrets; by default in the data directory, made at the first start. */
  readonly keyFile: string | undefined;
  /** Plain http lets everybody on the way read and change what is sent. */
  readonly allowsHttp: boolean;
  /** Addresses of the own network: whoever may create a webhook could ask its machines. */
  readonly allowsPrivateAddresses: boolean;
  /** For one attempt, from the look-up of the name to the end of the answer. */
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  /** Doubled with every further attempt, up to a minute. */
  readonly firstRetryMs: number;
}

const CHOICES = ['refuse', 'allow'] as const;

export function readSettings(env: EnvReader): RegistrySettings {
  return {
    webhooks: {
      keyFile: env.optional('CAIRN_WEBHOOK_KEY_FILE'),
      allowsHttp: env.oneOf('CAIRN_WEBHOOK_HTTP', CHOICES, 'refuse') === 'allow',
      allowsPrivateAddresses: env.oneOf('CAIRN_WEBHOOK_PRIVATE_ADDRESSES', CHOICES, 'refuse') === 'allow',
      timeoutMs: env.integer('CAIRN_WEBHOOK_TIMEOUT_MS', { fallback: 30_000, min: 100, max: 120_000 }),
      maxAttempts: env.integer('CAIRN_WEBHOOK_MAX_ATTEMPTS', { fallback: 8, min: 1, max: 100 }),
      firstRetryMs: env.integer('CAIRN_WEBHOOK_FIRST_RETRY_MS', { fallback: 1_000, min: 1, max: 60_000 }),
    },
    provenance: { keyFile: env.optional('CAIRN_PROVENANCE_KEY_FILE') },
  };
}
