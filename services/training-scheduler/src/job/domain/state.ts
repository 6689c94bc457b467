import type { EventOf, scheduler } from '@cairn/contracts';
import type { JobSpec } from './commands.js';

export type JobEvent = EventOf<
  | scheduler.JobSubmitted
  | scheduler.JobStarted
  | scheduler.JobSucceeded
  | scheduler.JobAttemptFailed
  | scheduler.JobFailed
  | scheduler.JobCancelled
>;

export type JobState =
  | { readonly status: 'none' }
  /** Waits for a slot; `attempts` have failed so far. */
  | { readonly status: 'queued'; readonly spec: JobSpec; readonly attempts: number }
  | { readonly status: 'running'; readonly spec: JobSpec; readonly attempt: number }
  | { readonly status: 'succeeded'; readonly attempt: number }
  | { readonly status: 'failed' }
  | { readonly status: 'cancelled' };

export function evolve(state: JobState, event: JobEvent): JobState {
  switch (event.type) {
    case 'cairn.scheduler.v1.JobSubmitted':
      return event.data.spec === undefined ? state : { status: 'queued', spec: event.data.spec, attempts: 0 };
    case 'cairn.scheduler.v1.JobStarted':
      return state.status === 'queued' ? { status: 'running', spec: state.spec, attempt: event.data.attempt } : state;
    case 'cairn.scheduler.v1.JobSucceeded':
      return { status: 'succeeded', attempt: event.data.attempt };
    case 'cairn.scheduler.v1.JobAttemptFailed':
      return state.status === 'running' ? { status: 'queued', spec: state.spec, attempts: event.data.attempt } : state;
    case 'cairn.scheduler.v1.JobFailed':
      return { status: 'failed' };
    case 'cairn.scheduler.v1.JobCancelled':
      return { status: 'cancelled' };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
