import { BatchedLookUp, readRows, rowsAsJson, type EntityClass, type Prepared } from '@cairn/read-model';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import type { ViewType } from '../../../mlflow/view-type.js';
import { LatestMetricRow } from '../metric-history/metric.entity.js';
import { RunModelRow } from '../run-models/run-model.entity.js';
import { runCondition, type FoundBy, type RunTerm } from './run-condition.js';
import { ParamRow, RunInputRow, TagRow } from './run-facts.entity.js';
import { RunRow } from './run.entity.js';

/** Columns of a run that it can be ordered by. */
export type RunColumn = 'run_id' | 'name' | 'status' | 'user_name' | 'start_time_ms' | 'end_time_ms';

export type RunOrder =
  | { readonly by: 'attribute'; readonly column: RunColumn; readonly descending: boolean }
  | { readonly by: 'metric' | 'param' | 'tag'; readonly key: string; readonly descending: boolean };

export interface RunSearch {
  readonly view: ViewType;
  readonly experimentIds: readonly string[];
  readonly terms: readonly RunTerm[];
  readonly order: readonly RunOrder[];
  readonly limit: number;
  readonly offset: number;
}

export interface RunFacts {
  readonly params: readonly ParamRow[];
  readonly tags: readonly TagRow[];
  readonly metrics: readonly LatestMetricRow[];
  readonly inputs: readonly RunInputRow[];
  /** Logged models that went in or came out. */
  readonly models: readonly RunModelRow[];
}

export type RunWithFacts = RunFacts & { readonly run: RunRow };

const joined = { metric: LatestMetricRow, param: ParamRow, tag: TagRow } as const;

/** Of so many runs for each that is wanted one is looked for that meets the terms, before all are looked at. */
const CANDIDATES_FOR_A_RUN = 20;
const MOST_CANDIDATES = 50_000;

@Injectable()
export class RunListQuery {
  private readonly runs = new BatchedLookUp<RunRow>((runIds) => this.rowsOf(runIds));
  private readonly whole = new BatchedLookUp<RunWithFacts>((runIds) => this.wholesOf(runIds));
  private readonly readRun: Prepared;
  private readonly readWhole: Prepared;

  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {
    const list = (entity: EntityClass, order: string): string => rowsAsJson(dataSource, entity, 'run_id = wanted.run_id', order);
    const from = 'FROM unnest($1::text[]) AS wanted (run_id)';
    this.readRun = { name: 'cairn_runs', text: `SELECT ${list(RunRow, 'run_id')} AS run ${from}` };
    this.readWhole = {
      name: 'cairn_runs_with_facts',
      text: `
        SELECT ${list(RunRow, 'run_id')} AS run, ${list(ParamRow, 'key')} AS params, ${list(TagRow, 'key')} AS tags, ${list(LatestMetricRow, 'key')} AS metrics,
               ${list(RunInputRow, 'name, digest')} AS inputs, ${list(RunModelRow, 'step, model_id')} AS models ${from}`,
    };
  }

  async find(workspace: string, runId: string): Promise<RunWithFacts | undefined> {
    const found = await this.whole.find(runId);
    return found?.run.workspace === workspace ? found : undefined;
  }

  /** Whether the run is there; without its facts, which cost more. */
  async findRun(workspace: string, runId: string): Promise<RunRow | null> {
    const run = await this.findAnywhere(runId);
    return run?.workspace === workspace ? run : null;
  }

  /** In any workspace. */
  findAnywhere(runId: string): Promise<RunRow | undefined> {
    return this.runs.find(runId);
  }

  /** Of the given ids the ones that runs of the workspace have, in the order in which they are given. */
  async existing(workspace: string, runIds: readonly string[]): Promise<string[]> {
    const found = await this.dataSource.manager.find(RunRow, { select: { runId: true }, where: { workspace, runId: In([...runIds]) } });
    const there = new Set(found.map(({ runId }) => runId));
    return runIds.filter((runId) => there.has(runId));
  }

  /** At most `limit` runs from `offset` that meet every term. What has no value for an order, or NaN, comes last in either direction, as with MLflow. */
  async search(workspace: string, search: RunSearch): Promise<RunWithFacts[]> {
    const first = this.amongTheFirst(workspace, search);
    const page = first === undefined ? [] : await pageOf(first, search);
    return this.withFacts(page.length === search.limit ? page : await pageOf(this.amongAll(workspace, search), search));
  }

  /**
   * The search among those runs of an experiment alone that an index gives first in the wanted order: where they fill the page, nothing needs to be known of the others,
   * however many there are. Undefined where no index gives the order. Without said so, PostgreSQL would often rather look at all of them: it can't know that the terms
   * of one experiment are met more often than those of all.
   */
  private amongTheFirst(workspace: string, { view, experimentIds, terms, order, limit, offset }: RunSearch): SelectQueryBuilder<ObjectLiteral> | undefined {
    const [experimentId, another] = experimentIds;
    const candidates = (offset + limit) * CANDIDATES_FOR_A_RUN;
    if (experimentId === undefined || another !== undefined || candidates > MOST_CANDIDATES) return undefined;
    const [first] = order;
    const isByTime = first === undefined || (first.by === 'attribute' && first.column === 'start_time_ms');
    if (!isByTime && first.by !== 'metric') return undefined;
    const direction = first?.descending === false ? 'ASC' : 'DESC';
    const ofExperiment = { workspace, experimentId };
    const query = this.dataSource.createQueryBuilder();
    if (first?.by === 'metric') {
      const best = `SELECT run_id, value FROM latest_metric WHERE experiment_id = :experimentId AND key = :metric AND value < 'NaN' ORDER BY value ${direction}`;
      query
        .from(`(${best} FETCH FIRST ${candidates} ROWS WITH TIES)`, 'candidate')
        .innerJoin(RunRow, 'run', 'run.run_id = candidate.run_id')
        .where('run.workspace = :workspace', { ...ofExperiment, metric: first.key })
        .orderBy('candidate.value', direction);
    } else {
      const last = `SELECT * FROM run WHERE experiment_id = :experimentId AND workspace = :workspace ORDER BY start_time_ms ${direction}`;
      query.from(`(${last} FETCH FIRST ${candidates} ROWS WITH TIES)`, 'run').setParameters(ofExperiment).orderBy('run.start_time_ms', direction);
    }
    this.narrow(query, view, terms, 'one by one');
    this.order(query, order, 1);
    return query;
  }

  private amongAll(workspace: string, { view, experimentIds, terms, order }: RunSearch): SelectQueryBuilder<ObjectLiteral> {
    const query = this.dataSource.manager.createQueryBuilder(RunRow, 'run').where({ workspace, experimentId: In([...experimentIds]) });
    this.narrow(query, view, terms, 'by value');
    this.order(query, order, 0);
    return query;
  }

  private narrow(query: SelectQueryBuilder<ObjectLiteral>, view: ViewType, terms: readonly RunTerm[], found: FoundBy): void {
    if (view !== 'all') query.andWhere(`${view === 'active' ? 'NOT ' : ''}(run.deleted OR run.experiment_deleted)`);
    terms.forEach((term, index) => {
      const { sql, parameters } = runCondition(term, index, found);
      query.andWhere(sql, parameters);
    });
  }

  /** By the clauses from number `from` on; those before are said already. */
  private order(query: SelectQueryBuilder<ObjectLiteral>, order: readonly RunOrder[], from: number): void {
    order.forEach((clause, index) => {
      if (index >= from) orderBy(query, clause, index);
    });
    // Said again, a column would take the direction that is said last.
    const isOrdered = (column: RunColumn): boolean => order.some((clause) => clause.by === 'attribute' && clause.column === column);
    if (!isOrdered('start_time_ms')) query.addOrderBy('run.start_time_ms', 'DESC');
    if (!isOrdered('run_id')) query.addOrderBy('run.run_id', 'ASC');
  }

  private async withFacts(runIds: readonly string[]): Promise<RunWithFacts[]> {
    if (runIds.length === 0) return [];
    const found = await this.wholesOf(runIds);
    return runIds.map((runId) => found.get(runId)).filter((run) => run !== undefined);
  }

  private async rowsOf(runIds: readonly string[]): Promise<ReadonlyMap<string, RunRow>> {
    const rows = await readRows<{ run: RunRow[] }>(this.dataSource, this.readRun, [runIds]);
    return new Map(rows.flatMap(({ run }) => run.map((row) => [row.runId, row])));
  }

  /** One question and one list of each sort for each run, however many runs. */
  private async wholesOf(runIds: readonly string[]): Promise<ReadonlyMap<string, RunWithFacts>> {
    const rows = await readRows<RunFacts & { readonly run: readonly RunRow[] }>(this.dataSource, this.readWhole, [runIds]);
    return new Map(
      rows.flatMap(({ run: [run], metrics, ...facts }) =>
        run === undefined ? [] : [[run.runId, { run, ...facts, metrics: metrics.map((metric) => ({ ...metric, value: Number(metric.value) })) }]],
      ),
    );
  }
}

/** The ids alone are put in order: whole rows would be carried along for every run that does not make it to the page. */
async function pageOf(query: SelectQueryBuilder<ObjectLiteral>, { limit, offset }: Pick<RunSearch, 'limit' | 'offset'>): Promise<string[]> {
  const rows = await query.select('run.run_id', 'runId').limit(limit).offset(offset).getRawMany<{ runId: string }>();
  return rows.map(({ runId }) => runId);
}

/** Keys are parameters of the statement, columns come from a closed list: nothing of the request becomes SQL. */
function orderBy(query: SelectQueryBuilder<ObjectLiteral>, clause: RunOrder, index: number): void {
  const direction = clause.descending ? 'DESC' : 'ASC';
  if (clause.by === 'attribute') {
    // Said of a column that is never NULL, it would keep the index from giving the order.
    query.addOrderBy(`run.${clause.column}`, direction, clause.column === 'end_time_ms' ? 'NULLS LAST' : undefined);
    return;
  }
  const alias = `ordered_by_${index}`;
  query.leftJoin(joined[clause.by], alias, `${alias}.run_id = run.run_id AND ${alias}.key = :key_${index}`, { [`key_${index}`]: clause.key });
  if (clause.by === 'metric') query.addOrderBy(`CASE WHEN ${alias}.value = 'NaN' THEN 1 WHEN ${alias}.value IS NULL THEN 2 ELSE 0 END`, 'ASC');
  query.addOrderBy(`${alias}.value`, direction, 'NULLS LAST');
}
