import { DomainError, type CommandMeta } from '@cairn/kernel';
import { eventTime, keyOfToken, Meta, pageOf, type FastifyRequest, type Page } from '@cairn/service';
import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { OwnView } from '../../model-version/http/own-view.js';
import { NamedVersion } from '../../provenance/http/named-version.js';
import { computeFigures } from '../domain/figures.js';
import { DebtQuery, type DebtRow } from '../views/rollout-history/debt.query.js';
import { RolloutHistoryQuery } from '../views/rollout-history/rollout-history.query.js';
import { DebtDto, FiguresDto } from './figures.dto.js';
import { RunCosts, type RunCost } from './run-costs.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
/** Of rollouts, and of incidents: what fits into memory and an answer's patience. */
const MAX_SAMPLES = 20_000;
/** Debts that are sorted by cost: tracking is asked of each. */
const MAX_PRICED = 1_000;
const COST_KEY = /^cost:([1-9]\d{0,3})$/;
const DEBT_KEY = /^(\d{1,15}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

interface AskedJson {
  readonly from: string;
  readonly to: string;
  readonly model: string | null;
  readonly failure_window_hours: number;
}

type FiguresJson = AskedJson & ReturnType<typeof computeFigures>;
type DebtJson = ReturnType<typeof convertDebt>;

@ApiTags('figures')
@Controller('registry/v1')
export class FiguresController {
  constructor(
    @Inject(NamedVersion) private readonly named: NamedVersion,
    @Inject(OwnView) private readonly view: OwnView,
    @Inject(RolloutHistoryQuery) private readonly history: RolloutHistoryQuery,
    @Inject(DebtQuery) private readonly debts: DebtQuery,
    @Inject(RunCosts) private readonly costs: RunCosts,
  ) {}

  @Get('figures')
  @ApiOperation({
    summary: 'Lead time, deployment frequency, change-failure rate and time to restore, computed from events.',
    description: 'Each figure comes with its definition and the count of its samples; median and p90 are by nearest rank, in seconds, and null without samples.',
  })
  async figures(@Query() asked: FiguresDto, @Meta() meta: CommandMeta): Promise<FiguresJson> {
    const to = eventTime(asked.to ?? meta.now);
    const from = eventTime(asked.from ?? new Date(Date.parse(to) - DEFAULT_DAYS * DAY_MS).toISOString());
    if (Date.parse(from) >= Date.parse(to)) {
      throw new DomainError('INVALID_RANGE', `A range ends after it begins; this one would last from ${from} to ${to}.`, 'invalid');
    }
    const model = asked.model === undefined || asked.model === '' ? undefined : await this.named.requireModel(asked.model, meta);
    await this.view.catchUp();
    const of = { workspace: meta.workspace, from, ...(model !== undefined && { modelId: model.modelId }) };
    const [rollouts, incidents] = await Promise.all([this.history.ended(of, MAX_SAMPLES + 1), this.history.opened(of, MAX_SAMPLES + 1)]);
    if (Math.max(rollouts.length, incidents.length) > MAX_SAMPLES) {
      throw new DomainError('TOO_MANY_SAMPLES', `There are more than ${MAX_SAMPLES} rollouts or incidents since ${from}. Ask for a later beginning, or for one model.`, 'unmet');
    }
    const range = { from, to, failureWindowHours: asked.failure_window_hours };
    return { from, to, model: model?.name ?? null, failure_window_hours: asked.failure_window_hours, ...computeFigures(rollouts, incidents, range) };
  }

  @Get('debt')
  @ApiOperation({ summary: 'Versions that were never deployed, that answer although a newer one is in use, or that answer and grew old without a newer one; oldest first.' })
  async debt(@Query() asked: DebtDto, @Meta() { workspace, now }: CommandMeta, @Req() request: FastifyRequest): Promise<Page<DebtJson>> {
    const key = keyOfToken(asked.page_token);
    const [, createdAtMs, versionId] = DEBT_KEY.exec(key ?? '') ?? [];
    const after = createdAtMs === undefined || versionId === undefined ? undefined : { createdAtMs, versionId };
    const offset = Number(COST_KEY.exec(key ?? '')?.[1] ?? 0);
    const byCost = asked.sort === 'cost';
    if (key !== undefined && (byCost ? offset === 0 : after === undefined)) {
      throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
    }
    await this.view.catchUp();
    const nowMs = Date.parse(now);
    const rows = await this.debts.search({
      workspace,
      staleBeforeMs: nowMs - asked.stale_after_days * DAY_MS,
      undeployedBeforeMs: nowMs - asked.undeployed_after_days * DAY_MS,
      limit: (byCost ? MAX_PRICED : asked.limit) + 1,
      ...(asked.owner !== undefined && { owner: asked.owner }),
      ...(asked.reason !== undefined && { reason: asked.reason }),
      ...(after !== undefined && { after }),
    });
    if (byCost && rows.length > MAX_PRICED) {
      throw new DomainError('TOO_MANY_DEBTS', `More than ${MAX_PRICED} versions would have to be priced. Ask for one owner or one reason, or sort by age.`, 'unmet');
    }
    const costOf = await this.costs.of((byCost ? rows : rows.slice(0, asked.limit)).map(({ run_id }) => run_id), request);
    const convert = (row: DebtRow): DebtJson => convertDebt(row, costOf(row.run_id), nowMs);
    if (!byCost) return pageOf(rows, asked.limit, convert, (row) => `${row.created_at_ms}:${row.version_id}`);
    const priced = rows.toSorted((one, other) => comparePrices(costOf(one.run_id), costOf(other.run_id)));
    return pageOf(priced.slice(offset, offset + asked.limit + 1), asked.limit, convert, () => `cost:${offset + asked.limit}`);
  }
}

/** The greater sum of money first, currency by currency; what has no price comes last. */
function comparePrices({ money: one }: RunCost, { money: other }: RunCost): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  const [currency, another] = [String(one['currency']), String(other['currency'])];
  return currency === another ? Number(other['amount']) - Number(one['amount']) : currency < another ? -1 : 1;
}

/** The cost is that of the run that made the version, also when it made others. */
function convertDebt({ version_id, model_name, version, owner, run_id, created_at_ms, reason }: DebtRow, cost: RunCost, nowMs: number) {
  const createdAtMs = Number(created_at_ms);
  const age_days = Math.max(0, Math.floor((nowMs - createdAtMs) / DAY_MS));
  return { version_id, model: model_name, version, owner, reason, age_days, created_at_ms: createdAtMs, run_id, cost };
}
