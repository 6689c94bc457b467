import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, HttpCode, Inject, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DatasetListQuery } from '../../run/views/dataset-list/dataset-list.query.js';
import { convertExperimentId } from './convert.js';

const MAX_EXPERIMENTS = 20;

/** MLflow REST: what the runs of experiments used. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/experiments/search-datasets'))
export class DatasetsController {
  constructor(@Inject(DatasetListQuery) private readonly datasets: DatasetListQuery) {}

  @Post()
  @HttpCode(200)
  async search(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const asked = new Fields(body).texts('experiment_ids');
    if (asked.length === 0) throw invalidParameter('SearchDatasets request must specify at least one experiment_id.');
    if (asked.length > MAX_EXPERIMENTS) {
      throw invalidParameter(`SearchDatasets request cannot specify more than ${MAX_EXPERIMENTS} experiment_ids. Received ${asked.length} experiment_ids.`);
    }
    const experimentIds = asked.flatMap((wireId) => convertExperimentId(wireId, meta.workspace) ?? []);
    const found = await this.datasets.inExperiments(meta.workspace, experimentIds);
    if (found.length === 0) return {};
    return {
      dataset_summaries: found.map(({ experimentId, name, digest, context }) => ({
        experiment_id: experimentId, name, digest, ...(context !== '' && { context }),
      })),
    };
  }
}
