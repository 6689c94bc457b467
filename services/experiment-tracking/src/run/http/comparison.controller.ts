import { DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, pageOf, type Page } from '@cairn/service';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { RunListQuery, type RunWithFacts } from '../views/run-list/run-list.query.js';
import { SeenDefaultsQuery, type SeenDefault } from '../views/run-list/seen-defaults.query.js';
import { CompareRunsDto, DefaultsDto } from './compare-runs.dto.js';
import { convertComparison } from './convert-comparison.js';
import { convertRunId } from './run-id.js';

@ApiTags('runs')
@Controller('tracking/v1')
export class ComparisonController {
  constructor(
    @Inject(RunListQuery) private readonly runs: RunListQuery,
    @Inject(SeenDefaultsQuery) private readonly defaults: SeenDefaultsQuery,
  ) {}

  @ApiOperation({
    summary: 'Compare 2 to 10 runs by what was really chosen',
    description:
      'Each parameter with where its value came from in each run. `difference` is `none`, `origin` (the same value, which only some chose), `chosen`, `defaulted` (not ' +
      'chosen everywhere), `default_changed` (the default of another version of the same library; also among the `warnings`) or `absent`. Also latest ' +
      'metrics, datasets by digest, and code versions.',
  })
  @Get('runs/compare')
  async compare(@Query() { run_id: wireIds }: CompareRunsDto, @Meta() { workspace }: CommandMeta): Promise<ReturnType<typeof convertComparison>> {
    const found: RunWithFacts[] = [];
    for (const wireId of wireIds) {
      const runId = convertRunId(wireId);
      const run = runId === undefined ? undefined : await this.runs.find(workspace, runId);
      if (run === undefined) throw new DomainError('RUN_NOT_FOUND', `No run has the id ${wireId}.`, 'missing');
      if (found.some((other) => other.run.runId === runId)) throw new DomainError('SAME_RUN_TWICE', `The run ${wireId} is named twice: name each run once.`, 'invalid');
      found.push(run);
    }
    return convertComparison(found);
  }

  @ApiOperation({
    summary: 'Which defaults a library gave at which version, as runs of the workspace have reported them',
    description: 'By parameter, version and value, in pages.',
  })
  @Get('defaults')
  async seenDefaults(@Query() { library, param, limit, page_token }: DefaultsDto, @Meta() { workspace }: CommandMeta): Promise<Page<ReturnType<typeof seenJson>>> {
    const key = keyOfToken(page_token);
    if (key !== undefined && !/^\d{1,9}$/.test(key)) throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
    const offset = Number(key ?? 0);
    return pageOf(await this.defaults.list(workspace, library, param, limit + 1, offset), limit, (row) => seenJson(library, row), () => String(offset + limit));
  }
}

function seenJson(library: string, { param, libraryVersion, value, runs, firstSeenMs, lastSeenMs }: SeenDefault) {
  return { library, library_version: libraryVersion, param, value, runs, first_seen_ms: Number(firstSeenMs), last_seen_ms: Number(lastSeenMs) };
}
