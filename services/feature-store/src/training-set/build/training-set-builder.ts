import { rm } from 'node:fs/promises';
import { CommandHandler } from '@cairn/event-store';
import { DomainError, eventIdOf, type CommandMeta } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE, TABULAR } from '@cairn/service';
import type { Tabular, WrittenParquet } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import { explained } from '../../dataset/expression-check.js';
import type { TrainingSetCommand } from '../domain/commands.js';
import { trainingSet } from '../domain/decider.js';
import type { TrainingSetEvent } from '../domain/state.js';
import type { JoinPlan } from './join-plan.js';
import { LeakageMeasurement } from './leakage-measurement.js';

type Requested = Extract<TrainingSetCommand, { type: 'RequestTrainingSet' }>['data']['request'];

export const SOURCE_ROW_COLUMN = 'source_row';

/** Requests, checks and builds a training set; what was found is recorded whatever comes of it. */
@Injectable()
export class TrainingSetBuilder {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(TABULAR) private readonly tabular: Tabular,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(LeakageMeasurement) private readonly leakage: LeakageMeasurement,
  ) {}

  async build(requested: Requested, plan: JoinPlan, meta: CommandMeta): Promise<void> {
    const { trainingSetId } = requested;
    const handle = (command: TrainingSetCommand) => this.commands.handle(trainingSet, command, { id: trainingSetId });
    const joined = await explained(this.tabular.pointInTimeJoin(plan.join));
    try {
      const labelRate = await this.labelRate(joined);
      // Whoever looked the versions up has refused those that are not certified.
      await handle({ type: 'RequestTrainingSet', data: { request: requested, certified: true }, meta });
      try {
        await this.checkAndStore(trainingSetId, labelRate, plan, joined, handle, meta);
      } catch (error) {
        // What can't come about is a fact too. A store or an engine that was away is none: the same request again goes on where this one stopped.
        if (error instanceof DomainError && error.kind !== 'busy' && error.kind !== 'conflict') {
          await handle({ type: 'RecordFailure', data: { trainingSetId, reason: error.message }, meta: stepOf(meta, 'failure') });
        }
        throw error;
      }
    } finally {
      await rm(joined.path, { force: true });
    }
  }

  private async checkAndStore(
    trainingSetId: string,
    labelRate: number,
    plan: JoinPlan,
    joined: WrittenParquet,
    handle: (command: TrainingSetCommand) => Promise<{ events: readonly TrainingSetEvent[] }>,
    meta: CommandMeta,
  ): Promise<void> {
    const measured = await this.leakage.measure(plan, joined.path);
    const { events } = await handle({ type: 'JudgeLeakage', data: { trainingSetId, ...measured }, meta: stepOf(meta, 'leakage') });
    if (events.some(({ type }) => type === 'cairn.features.v1.LeakageFound')) return;
    const { digest, sizeBytes } = await this.objects.putFile(joined.path);
    const { columns } = await this.tabular.describe(joined.path);
    const data = {
      trainingSetId, digest, labelRate,
      sizeBytes: BigInt(sizeBytes),
      rowCount: BigInt(joined.rowCount),
      columns: columns.map(({ name }) => name),
      sourceRowColumn: SOURCE_ROW_COLUMN,
    };
    await handle({ type: 'RecordBuilt', data, meta: stepOf(meta, 'build') });
  }

  /** Digest of a file with features and carried columns; nothing is recorded, because nothing is learnt from it. */
  async historical(plan: JoinPlan): Promise<{ digest: string; sizeBytes: number; rowCount: number; columns: readonly string[] }> {
    const joined = await explained(this.tabular.pointInTimeJoin(plan.join));
    try {
      const { digest, sizeBytes } = await this.objects.putFile(joined.path);
      const { columns } = await this.tabular.describe(joined.path);
      return { digest, sizeBytes, rowCount: joined.rowCount, columns: columns.map(({ name }) => name) };
    } finally {
      await rm(joined.path, { force: true });
    }
  }

  private async labelRate({ path, rowCount }: WrittenParquet): Promise<number> {
    if (rowCount === 0) throw new DomainError('NO_ROWS', 'No row with a label lies in this range.', 'unmet');
    const sql = 'SELECT avg(label)::DOUBLE AS rate, count(*) FILTER (label NOT IN (0, 1)) AS others FROM rows';
    const [summary] = await this.tabular.query(sql, undefined, { tables: { rows: path } });
    if (Number(summary?.['others']) > 0) throw new DomainError('INVALID_LABEL', 'The label must be 0 or 1 in every row.', 'invalid');
    return Number(summary?.['rate']);
  }
}

/** Steps of one request append different events: each needs a command id of its own, the same when the request is repeated. */
function stepOf(meta: CommandMeta, step: string): CommandMeta {
  return { ...meta, commandId: eventIdOf(meta.commandId, step, 0) };
}
