import { fromJson } from '@bufbuild/protobuf';
import { scheduler as messages, type EventOf, type monitoring } from '@cairn/contracts';
import { CommandHandler } from '@cairn/event-store';
import { derivedId, streamName, type DomainEvent } from '@cairn/kernel';
import { OnEvent, policyMeta, Terminate, type Delivery } from '@cairn/messaging';
import { ProjectionRunner } from '@cairn/read-model';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { JobSpec } from '../../job/domain/commands.js';
import { job } from '../../job/domain/decider.js';
import type { JobEvent } from '../../job/domain/state.js';
import { JobRunner } from '../../job/runner/job-runner.js';
import { trigger } from '../domain/decider.js';
import { TriggerListQuery } from '../views/trigger-list/trigger-list.query.js';
import type { TriggerRow } from '../views/trigger-list/trigger.entity.js';

type IncidentOpened = EventOf<monitoring.IncidentOpened>;

/** An incident of a monitor that a trigger watched when it opened submits the trigger's job, once per incident. */
@Controller()
export class OnIncidentOpened {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(TriggerListQuery) private readonly triggers: TriggerListQuery,
    @Inject(JobRunner) private readonly runner: JobRunner,
    @Inject(ProjectionRunner) private readonly projections: ProjectionRunner,
  ) {}

  @OnEvent<IncidentOpened>('cairn.monitoring.v1.IncidentOpened')
  async handle(@Payload() delivery: Delivery<IncidentOpened>): Promise<void> {
    const { incidentId, monitorName } = delivery.event.data;
    if (incidentId === '') throw new Terminate('the incident has no id: nobody could tell its job from that of another one');
    // A trigger that was declared before the incident must be in the list, or its job would be missing for ever. Being behind is a reason to come again.
    await this.projections.waitFor(delivery.position);
    for (const row of await this.triggers.watching(delivery.workspace, monitorName, delivery.position)) await this.fire(row, delivery);
    this.runner.wake();
  }

  private async fire(row: TriggerRow, delivery: Delivery<IncidentOpened>): Promise<void> {
    const { triggerId } = row;
    const { incidentId } = delivery.event.data;
    const jobId = derivedId('triggered-job', triggerId, incidentId);
    const command = {
      type: 'FireTrigger' as const,
      data: { triggerId, jobId, causeEventId: delivery.id, incidentId },
      meta: policyMeta(delivery, `on-incident-opened:${triggerId}`),
    };
    const submitted: JobEvent = {
      type: 'cairn.scheduler.v1.JobSubmitted',
      data: { jobId, spec: withIncident(fromJson(messages.JobSpecSchema, JSON.parse(row.spec)), delivery.event), triggerId, triggeredBy: incidentId },
    };
    const stream = streamName(job.category, jobId);
    const alongside = (): { stream: string; expected: 'none'; events: DomainEvent[] }[] => [{ stream, expected: 'none', events: [submitted] }];
    await this.commands.handle(trigger, command, { id: triggerId, alongside });
  }
}

/** The job learns what it reacts to from its environment. */
function withIncident(spec: JobSpec, { data }: IncidentOpened): JobSpec {
  return {
    ...spec,
    environment: { ...spec.environment, INCIDENT_ID: data.incidentId, INCIDENT_WINDOW_START: data.windowStart, INCIDENT_WINDOW_END: data.windowEnd },
  };
}
