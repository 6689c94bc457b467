import { DomainError, type CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { LOCK_FILES } from '../domain/reproducibility/parts.js';
import { reproducibilityOf, type ReportedPart } from '../domain/reproducibility/report.js';
import { NamedArtifactsQuery } from '../views/artifact-tree/named-artifacts.query.js';
import { RunListQuery } from '../views/run-list/run-list.query.js';
import { convertRunId } from './run-id.js';

interface ReportJson {
  readonly run_id: string;
  readonly verdict: 'complete' | 'incomplete';
  readonly parts: readonly ReportedPart[];
}

@ApiTags('runs')
@Controller('tracking/v1/runs/:runId/reproducibility')
export class ReproducibilityController {
  constructor(
    @Inject(RunListQuery) private readonly runs: RunListQuery,
    @Inject(NamedArtifactsQuery) private readonly artifacts: NamedArtifactsQuery,
  ) {}

  @ApiOperation({
    summary: 'What a rerun of this run needs: what is recorded, and what is missing',
    description:
      'Code, entry point, environment, data, seeds, hardware and libraries; each with the record it comes from, or with the call that supplies it. ' +
      'Nothing is guessed. The verdict is `complete` or `incomplete`. Lock files count in the run and in the logged models that it made.',
  })
  @Get()
  async report(@Param('runId') wireId: string, @Meta() { workspace }: CommandMeta): Promise<ReportJson> {
    const runId = convertRunId(wireId);
    const found = runId === undefined ? undefined : await this.runs.find(workspace, runId);
    if (found === undefined) throw new DomainError('RUN_NOT_FOUND', `No run has the id ${wireId}.`, 'missing');
    const made = found.models.filter(({ role }) => role === 'output').map(({ modelId }) => modelId);
    const artifacts = await this.artifacts.find([found.run.runId, ...made], LOCK_FILES);
    const { tags, params, inputs, metrics } = found;
    const { verdict, parts } = reproducibilityOf({ runId: found.run.runId, tags, params, inputs, artifacts, metricKeys: metrics.map(({ key }) => key) });
    return { run_id: found.run.runId, verdict, parts };
  }
}
