import type { EnvReader } from '@cairn/service';

export interface LogSettings {
  /** Name of the log in its checkpoints, e.g. `cairn.example.com/prod`. */
  readonly origin?: string;
  /** Where the log's signing key is; by default in the data folder, made at the first start. */
  readonly keyFile?: string;
  readonly signIntervalMs: number;
  /** Who must cosign a checkpoint before it is public, as tlog-policy text; without it a checkpoint is public when it is signed. */
  readonly policyFile?: string;
  /** How long witnesses are waited for where the quorum is not met. */
  readonly witnessTimeoutMs: number;
}

export function readLogSettings(env: EnvReader): LogSettings {
  const origin = env.optional('CAIRN_LOG_ORIGIN');
  const keyFile = env.optional('CAIRN_LOG_KEY_FILE');
  const policyFile = env.optional('CAIRN_LOG_POLICY_FILE');
  if (origin !== undefined && !/^[^\s+]+$/u.test(origin)) env.problem('CAIRN_LOG_ORIGIN has no spaces and no plus signs, e.g. cairn.example.com/prod.');
  return {
    ...(origin !== undefined && { origin }),
    ...(keyFile !== undefined && { keyFile }),
    signIntervalMs: env.integer('CAIRN_LOG_SIGN_INTERVAL_MS', { fallback: 1_000, min: 10, max: 60_000 }),
    ...(policyFile !== undefined && { policyFile }),
    witnessTimeoutMs: env.integer('CAIRN_LOG_WITNESS_TIMEOUT_MS', { fallback: 5_000, min: 100, max: 60_000 }),
  };
}
