import type { ServiceSpec } from '@cairn/service';
import { Module } from '@nestjs/common';
import { GraphController } from './graph/http/graph.controller.js';
import { GraphProjection } from './graph/views/graph/graph.projection.js';
import { GraphQuery } from './graph/views/graph/graph.query.js';
import { MomentQuery } from './graph/views/graph/moment.query.js';
import { Graph1800000000001 } from './migrations/0001-graph.js';
import { TransparencyLog1800000000002 } from './migrations/0002-transparency-log.js';
import { PredictionController } from './prediction/http/prediction.controller.js';
import { PredictionRowFinder } from './prediction/trace/prediction-row.js';
import { PredictionTraceQuery } from './prediction/trace/prediction-trace.js';
import { SourceRowsQuery } from './prediction/trace/source-rows.js';
import { SegmentIndexProjection } from './prediction/views/segment-index/segment-index.projection.js';
import { SegmentIndexQuery } from './prediction/views/segment-index/segment-index.query.js';
import { ReplayModule } from './replay/replay.module.js';
import { readReplaySettings } from './replay/replay-settings.js';
import { LogController } from './transparency/http/log.controller.js';
import { TileController } from './transparency/http/tile.controller.js';
import { LogLeader } from './transparency/integrator/log-leader.js';
import { LogMetrics } from './transparency/integrator/log-metrics.js';
import { readLogSettings } from './transparency/log-settings.js';
import { TreeStore } from './transparency/tree/tree-store.js';
import { LogVerification } from './transparency/verification/log-verification.js';

@Module({
  imports: [ReplayModule],
  controllers: [GraphController, PredictionController, LogController, TileController],
  providers: [
    GraphQuery, MomentQuery, SegmentIndexQuery, PredictionRowFinder, SourceRowsQuery, PredictionTraceQuery, TreeStore, LogLeader, LogMetrics, LogVerification,
  ],
})
class LineageModule {}

export const service: ServiceSpec = {
  name: 'lineage',
  schema: 'lineage',
  title: 'Lineage',
  module: LineageModule,
  projections: [GraphProjection, SegmentIndexProjection],
  migrations: [Graph1800000000001, TransparencyLog1800000000002],
  settings: (env) => ({ ...readLogSettings(env), ...readReplaySettings(env) }),
};
