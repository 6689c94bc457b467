import type { ServiceSpec } from '@cairn/service';
import { Module } from '@nestjs/common';
import { readSettings } from './config.js';
import { JobController } from './job/http/job.controller.js';
import { JobRunner } from './job/runner/job-runner.js';
import { JobQueueProjection } from './job/views/job-queue/job-queue.projection.js';
import { JobQueueQuery } from './job/views/job-queue/job-queue.query.js';
import { JobsAndTriggers1800000000001 } from './migrations/0001-jobs-and-triggers.js';
import { TriggersSince1800000000002 } from './migrations/0002-triggers-since.js';
import { TriggerController } from './trigger/http/trigger.controller.js';
import { OnIncidentOpened } from './trigger/policies/on-incident-opened.js';
import { TriggerListProjection } from './trigger/views/trigger-list/trigger-list.projection.js';
import { TriggerListQuery } from './trigger/views/trigger-list/trigger-list.query.js';

@Module({
  controllers: [JobController, TriggerController, OnIncidentOpened],
  providers: [JobRunner, JobQueueQuery, TriggerListQuery],
})
class TrainingSchedulerModule {}

export const service: ServiceSpec = {
  name: 'training-scheduler',
  schema: 'scheduler',
  title: 'Training scheduler',
  module: TrainingSchedulerModule,
  projections: [JobQueueProjection, TriggerListProjection],
  migrations: [JobsAndTriggers1800000000001, TriggersSince1800000000002],
  policies: [OnIncidentOpened],
  settings: readSettings,
};
