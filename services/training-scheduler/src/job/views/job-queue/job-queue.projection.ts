import { encodeEvent } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { JobEvent } from '../../domain/state.js';
import { JobRow } from './job.entity.js';

/** What waits, runs and ended: the runner takes its work from here, callers see their jobs here. */
@Injectable()
export class JobQueueProjection implements Projection<JobEvent> {
  readonly name = 'job-queue';
  readonly entities = [JobRow];
  readonly types: readonly JobEvent['type'][] = [
    'cairn.scheduler.v1.JobSubmitted',
    'cairn.scheduler.v1.JobStarted',
    'cairn.scheduler.v1.JobSucceeded',
    'cairn.scheduler.v1.JobAttemptFailed',
    'cairn.scheduler.v1.JobFailed',
    'cairn.scheduler.v1.JobCancelled',
  ];

  async apply(events: readonly Recorded<JobEvent>[], manager: EntityManager): Promise<void> {
    for (const recorded of events) await this.applyOne(recorded, manager);
  }

  private async applyOne(recorded: Recorded<JobEvent>, manager: EntityManager): Promise<void> {
    const { event, time } = recorded;
    switch (event.type) {
      case 'cairn.scheduler.v1.JobSubmitted':
        await manager.upsert(JobRow, submittedRow(recorded, event), ['jobId']);
        return;
      case 'cairn.scheduler.v1.JobStarted': {
        const { jobId, attempt, host } = event.data;
        await manager.update(JobRow, { jobId }, { status: 'running', attempts: attempt, host });
        return;
      }
      case 'cairn.scheduler.v1.JobSucceeded': {
        const { jobId, outputs } = event.data;
        await manager.update(JobRow, { jobId }, { status: 'succeeded', outputs: JSON.stringify(outputs), endedAt: time });
        return;
      }
      case 'cairn.scheduler.v1.JobAttemptFailed':
        await manager.update(JobRow, { jobId: event.data.jobId }, { status: 'queued', reason: event.data.reason });
        return;
      case 'cairn.scheduler.v1.JobFailed':
        await manager.update(JobRow, { jobId: event.data.jobId }, { status: 'failed', reason: event.data.reason, endedAt: time });
        return;
      case 'cairn.scheduler.v1.JobCancelled':
        await manager.update(JobRow, { jobId: event.data.jobId }, { status: 'cancelled', reason: event.data.reason, endedAt: time });
        return;
      default: {
        const unhandled: never = event;
        return unhandled;
      }
    }
  }
}

function submittedRow(
  { position, time, workspace, actor }: Recorded<JobEvent>,
  event: Extract<JobEvent, { type: 'cairn.scheduler.v1.JobSubmitted' }>,
): JobRow {
  const { jobId, spec, triggerId, triggeredBy } = event.data;
  return {
    jobId,
    workspace,
    name: spec?.name ?? '',
    queue: spec?.queue ?? '',
    program: spec?.program ?? '',
    spec: JSON.stringify(encodeEvent(event).spec ?? {}),
    status: 'queued',
    priority: spec?.priority ?? 0,
    submittedPosition: String(position),
    submittedAt: time,
    submittedBy: actor.onBehalfOf ?? actor.principal,
    attempts: 0,
    host: '',
    triggerId,
    triggeredBy,
    outputs: '{}',
    reason: '',
    endedAt: null,
  };
}
