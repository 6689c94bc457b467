import type { ServiceSpec } from '@cairn/service';
import { Module } from '@nestjs/common';
import { IncidentController } from './incident/http/incident.controller.js';
import { IncidentListProjection } from './incident/views/incident-list/incident-list.projection.js';
import { IncidentListQuery } from './incident/views/incident-list/incident-list.query.js';
import { MonitorsWindowsIncidents1800000000001 } from './migrations/0001-monitors-windows-incidents.js';
import { MonitorController } from './monitor/http/monitor.controller.js';
import { LabelBatches } from './monitor/measure/label-batches.js';
import { WindowEvaluator } from './monitor/measure/window-evaluator.js';
import { WindowMeasurer } from './monitor/measure/window-measurement.js';
import { OnLabelsRecorded } from './monitor/policies/on-labels-recorded.js';
import { InferenceFilesProjection } from './monitor/views/inference-files/inference-files.projection.js';
import { InferenceFilesQuery } from './monitor/views/inference-files/inference-files.query.js';
import { MonitorListProjection } from './monitor/views/monitor-list/monitor-list.projection.js';
import { MonitorListQuery } from './monitor/views/monitor-list/monitor-list.query.js';
import { WindowHistoryProjection } from './monitor/views/window-history/window-history.projection.js';
import { WindowHistoryQuery } from './monitor/views/window-history/window-history.query.js';

@Module({
  controllers: [MonitorController, IncidentController, OnLabelsRecorded],
  providers: [MonitorListQuery, WindowHistoryQuery, InferenceFilesQuery, IncidentListQuery, LabelBatches, WindowMeasurer, WindowEvaluator],
})
class MonitoringModule {}

export const service: ServiceSpec = {
  name: 'monitoring',
  schema: 'monitoring',
  title: 'Monitoring',
  module: MonitoringModule,
  projections: [MonitorListProjection, WindowHistoryProjection, InferenceFilesProjection, IncidentListProjection],
  migrations: [MonitorsWindowsIncidents1800000000001],
  policies: [OnLabelsRecorded],
};
