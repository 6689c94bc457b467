import type { scheduler } from '@cairn/contracts';
import type { Plain } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type JobSpec = Plain<scheduler.JobSpec>;

export type SubmitJob = Command<'SubmitJob', { readonly jobId: string; readonly spec: JobSpec; readonly triggerId: string; readonly triggeredBy: string }>;
export type StartAttempt = Command<'StartAttempt', { readonly jobId: string; readonly host: string }>;
export type SucceedAttempt = Command<
  'SucceedAttempt',
  { readonly jobId: string; readonly attempt: number; readonly durationMs: bigint; readonly outputs: Readonly<Record<string, string>> }
>;
export type FailAttempt = Command<
  'FailAttempt',
  { readonly jobId: string; readonly attempt: number; readonly exitCode: number; readonly reason: string; readonly durationMs: bigint }
>;
export type CancelJob = Command<'CancelJob', { readonly jobId: string; readonly reason: string }>;

export type JobCommand = SubmitJob | StartAttempt | SucceedAttempt | FailAttempt | CancelJob;
