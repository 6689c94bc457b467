import type { JsonObject } from '@cairn/kernel';
import { callerHeaders, LOGGER, SERVICE_CONFIG, type FastifyRequest, type Logger, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';

/** Experiment-tracking answers for so many runs at once. */
const RUNS_PER_QUESTION = 100;
const TIMEOUT_MS = 5_000;
/** As tracking names runs; whatever else a plain client calls one is none. */
const RUN_ID = /^[0-9a-f]{32}$/;
const NO_RUN = 'The version names no run.';

/** An amount with its label: `measured`, `estimated` or `default`, as the weakest part of it. */
export type LabelledAmount = JsonObject;

export interface RunCost {
  readonly money: LabelledAmount | null;
  readonly gpu_hours: LabelledAmount | null;
  readonly energy_kwh: LabelledAmount | null;
  readonly carbon_gco2e: LabelledAmount | null;
  /** The prices that it was computed with. */
  readonly price_list: JsonObject | null;
  /** False while the run goes on; null when nothing is known. */
  readonly is_final: boolean | null;
  /** Sentences: what is not known, and how to supply it. */
  readonly missing: readonly string[];
}

/** What runs cost: experiment-tracking computes it, and is asked as whoever asks us. */
@Injectable()
export class RunCosts {
  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** By the ids that are given. Nothing is invented: a run without an answer has no figure, and a sentence that says why. */
  async of(runIds: readonly string[], request: FastifyRequest): Promise<(runId: string) => RunCost> {
    const asked = [...new Set(runIds.filter((runId) => RUN_ID.test(runId)))];
    const costs = new Map<string, RunCost>();
    try {
      for (let at = 0; at < asked.length; at += RUNS_PER_QUESTION) {
        for (const [runId, cost] of await this.ask(asked.slice(at, at + RUNS_PER_QUESTION), request)) costs.set(runId, cost);
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'what runs cost is not known');
      return (runId) => costs.get(runId) ?? unknown(runId === '' ? NO_RUN : 'Experiment-tracking, which knows what runs cost, did not answer: ask again.');
    }
    return (runId) => costs.get(runId) ?? unknown(runId === '' ? NO_RUN : `Experiment-tracking knows no run ${runId} in this workspace.`);
  }

  private async ask(runIds: readonly string[], request: FastifyRequest): Promise<[string, RunCost][]> {
    const query = new URLSearchParams(runIds.map((runId): [string, string] => ['run_id', runId]));
    const response = await fetch(`${this.config.gatewayUrl}/tracking/v1/runs/costs?${query}`, { headers: callerHeaders(request), signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new TypeError(`Experiment-tracking answered ${response.status}.`);
    const body: unknown = await response.json();
    const items = isObject(body) && Array.isArray(body['items']) ? body['items'] : [];
    return items.filter(isObject).map((item) => [String(item['run_id']), convertCost(item)]);
  }
}

function convertCost({ totals, price_list: list, is_final: isFinal, missing }: JsonObject): RunCost {
  const of = isObject(totals) ? totals : {};
  return {
    money: objectOrNull(of['money']),
    gpu_hours: objectOrNull(of['gpu_hours']),
    energy_kwh: objectOrNull(of['energy_kwh']),
    carbon_gco2e: objectOrNull(of['carbon_gco2e']),
    price_list: objectOrNull(list),
    is_final: isFinal === true,
    missing: Array.isArray(missing) ? missing.map(String) : [],
  };
}

function unknown(why: string): RunCost {
  return { money: null, gpu_hours: null, energy_kwh: null, carbon_gco2e: null, price_list: null, is_final: null, missing: [why] };
}

function objectOrNull(value: unknown): JsonObject | null {
  return isObject(value) ? value : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
