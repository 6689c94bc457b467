import type { Decider, Refusal } from '@cairn/kernel';
import type { FailAttempt, JobCommand, StartAttempt, SubmitJob } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type JobEvent, type JobState } from './state.js';

type Decision = readonly JobEvent[] | Refusal<Code>;

const MAX_ATTEMPTS_LIMIT = 10;
const MAX_TIMEOUT_SECONDS = 86_400;

export const job: Decider<JobState, JobCommand, JobEvent, Code> = {
  category: 'job',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: JobCommand, state: JobState): Decision {
  switch (command.type) {
    case 'SubmitJob':
      return submit(command, state);
    case 'StartAttempt':
      return start(command, state);
    case 'SucceedAttempt': {
      const { jobId, attempt, durationMs, outputs } = command.data;
      if (state.status === 'succeeded' && state.attempt === attempt) return [];
      const refusal = refuseUnlessRunning(state, attempt);
      return refusal ?? [{ type: 'cairn.scheduler.v1.JobSucceeded', data: { jobId, attempt, durationMs, outputs } }];
    }
    case 'FailAttempt':
      return fail(command, state);
    case 'CancelJob':
      if (state.status === 'none') return notFound();
      if (state.status === 'cancelled') return [];
      if (state.status === 'succeeded' || state.status === 'failed') {
        return refuse('JOB_ENDED', `The job has ${state.status} already; only a queued or running job can be cancelled.`);
      }
      return [{ type: 'cairn.scheduler.v1.JobCancelled', data: command.data }];
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function submit({ data }: SubmitJob, state: JobState): Decision {
  if (state.status !== 'none') return refuse('JOB_EXISTS', 'A job with this id was submitted before.');
  const { maxAttempts, timeoutSeconds } = data.spec;
  if (maxAttempts < 1 || maxAttempts > MAX_ATTEMPTS_LIMIT) {
    return refuse('INVALID_JOB_SPEC', `max_attempts is ${maxAttempts}; it must lie between 1 and ${MAX_ATTEMPTS_LIMIT}.`);
  }
  if (timeoutSeconds < 1 || timeoutSeconds > MAX_TIMEOUT_SECONDS) {
    return refuse('INVALID_JOB_SPEC', `timeout_seconds is ${timeoutSeconds}; it must lie between 1 and ${MAX_TIMEOUT_SECONDS}.`);
  }
  return [{ type: 'cairn.scheduler.v1.JobSubmitted', data }];
}

function start({ data }: StartAttempt, state: JobState): Decision {
  if (state.status === 'none') return notFound();
  if (state.status !== 'queued') return refuse('JOB_NOT_QUEUED', `The job is ${state.status}; only a queued job can start.`);
  return [{ type: 'cairn.scheduler.v1.JobStarted', data: { jobId: data.jobId, attempt: state.attempts + 1, host: data.host } }];
}

/** The last attempt that fails ends the job; an earlier one puts it back into the queue. */
function fail({ data }: FailAttempt, state: JobState): Decision {
  const refusal = refuseUnlessRunning(state, data.attempt);
  if (refusal !== undefined) return refusal;
  const { jobId, attempt, exitCode, reason, durationMs } = data;
  const failed: JobEvent = { type: 'cairn.scheduler.v1.JobAttemptFailed', data: { jobId, attempt, exitCode, reason, durationMs } };
  const isLast = state.status === 'running' && attempt >= state.spec.maxAttempts;
  return isLast ? [failed, { type: 'cairn.scheduler.v1.JobFailed', data: { jobId, attempts: attempt, reason } }] : [failed];
}

function refuseUnlessRunning(state: JobState, attempt: number): Refusal<Code> | undefined {
  if (state.status === 'none') return notFound();
  if (state.status !== 'running' || state.attempt !== attempt) {
    return refuse('ATTEMPT_NOT_RUNNING', `Attempt ${attempt} is not running; the job is ${state.status}.`);
  }
  return undefined;
}

function notFound(): Refusal<Code> {
  return refuse('JOB_NOT_FOUND', 'No job has this id.');
}
