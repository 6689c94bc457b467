import { deciderSpec } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { JobCommand, JobSpec } from './commands.js';
import { job } from './decider.js';
import type { JobEvent } from './state.js';

const spec: JobSpec = {
  name: 'train', program: 'flight-delay', arguments: [], environment: {}, maxAttempts: 2, timeoutSeconds: 60, priority: 0, queue: 'default',
};
const meta = { commandId: 'c', now: '2001-04-01T00:00:00Z', actor: { principal: 'local' }, workspace: 'default', correlationId: 'x' };
const submitted: JobEvent = { type: 'cairn.scheduler.v1.JobSubmitted', data: { jobId: 'j', spec, triggerId: '', triggeredBy: '' } };
const started = (attempt: number): JobEvent => ({ type: 'cairn.scheduler.v1.JobStarted', data: { jobId: 'j', attempt, host: 'h' } });
const attemptFailed = (attempt: number): JobEvent => ({
  type: 'cairn.scheduler.v1.JobAttemptFailed', data: { jobId: 'j', attempt, exitCode: 1, reason: 'boom', durationMs: 5n },
});
const succeeded: JobEvent = { type: 'cairn.scheduler.v1.JobSucceeded', data: { jobId: 'j', attempt: 1, durationMs: 5n, outputs: { run_id: 'r' } } };
const submit = (changes: Partial<JobSpec> = {}): JobCommand => ({
  type: 'SubmitJob', data: { jobId: 'j', spec: { ...spec, ...changes }, triggerId: '', triggeredBy: '' }, meta,
});
const start: JobCommand = { type: 'StartAttempt', data: { jobId: 'j', host: 'h' }, meta };
const fail = (attempt: number): JobCommand => ({ type: 'FailAttempt', data: { jobId: 'j', attempt, exitCode: 1, reason: 'boom', durationMs: 5n }, meta });
const succeed = (attempt: number): JobCommand => ({ type: 'SucceedAttempt', data: { jobId: 'j', attempt, durationMs: 5n, outputs: { run_id: 'r' } }, meta });
const cancel: JobCommand = { type: 'CancelJob', data: { jobId: 'j', reason: 'not needed' }, meta };

describe('job', () => {
  const { given } = deciderSpec(job);

  it('is submitted once', () => {
    given([]).when(submit()).then([submitted]);
    given([submitted]).when(submit()).thenRefused('JOB_EXISTS');
  });

  it('refuses limits out of range', () => {
    given([]).when(submit({ maxAttempts: 0 })).thenRefused('INVALID_JOB_SPEC');
    given([]).when(submit({ timeoutSeconds: 100_000 })).thenRefused('INVALID_JOB_SPEC');
  });

  it('starts only from the queue', () => {
    given([submitted]).when(start).then([started(1)]);
    given([submitted, started(1)]).when(start).thenRefused('JOB_NOT_QUEUED');
    given([]).when(start).thenRefused('JOB_NOT_FOUND');
  });

  it('goes back to the queue while attempts are left, then fails', () => {
    given([submitted, started(1)]).when(fail(1)).then([attemptFailed(1)]);
    given([submitted, started(1), attemptFailed(1)]).when(start).then([started(2)]);
    given([submitted, started(1), attemptFailed(1), started(2)])
      .when(fail(2))
      .then([attemptFailed(2), { type: 'cairn.scheduler.v1.JobFailed', data: { jobId: 'j', attempts: 2, reason: 'boom' } }]);
  });

  it('succeeds once, also when told twice', () => {
    given([submitted, started(1)]).when(succeed(1)).then([succeeded]);
    given([submitted, started(1), succeeded]).when(succeed(1)).thenNothing();
  });

  it('does not believe an attempt that is over', () => {
    given([submitted, started(1), attemptFailed(1), started(2)]).when(succeed(1)).thenRefused('ATTEMPT_NOT_RUNNING');
  });

  it('can be cancelled until it ends', () => {
    const cancelled: JobEvent = { type: 'cairn.scheduler.v1.JobCancelled', data: { jobId: 'j', reason: 'not needed' } };
    given([submitted]).when(cancel).then([cancelled]);
    given([submitted, started(1)]).when(cancel).then([cancelled]);
    given([submitted, cancelled]).when(cancel).thenNothing();
    given([submitted, started(1), succeeded]).when(cancel).thenRefused('JOB_ENDED');
  });
});
