import type { Refusal } from '@cairn/kernel';
import type { Budget, DeclareGates, GatePolicy } from './commands.js';
import { refuse, type Code } from './errors.js';
import { refuseAlias } from './alias.js';
import type { KnownModel, Policy, RegisteredModelEvent } from './state.js';
import { shownTarget, stageOfTarget } from './stage.js';

export const GATES = [
  'criteria-met',
  'leakage-check-passed',
  'data-certified',
  'lineage-complete',
  'signature-present',
  'approved-by-another',
  'contract-compatible',
  'size-within-budget',
  'latency-within-budget',
  'not-frozen',
] as const;

/** With the longest alias and all gates a policy has 600 bytes; a release of a name, which carries all of them, is one event. */
const MAX_POLICIES = 50;

export function declareGates({ data: { alias, gates, budget } }: DeclareGates, model: KnownModel): readonly RegisteredModelEvent[] | Refusal<Code> {
  const wrongAlias = stageOfTarget(alias) === undefined ? refuseAlias(alias) : undefined;
  if (wrongAlias !== undefined) return wrongAlias;
  const known: readonly string[] = GATES;
  const unknown = gates.find((gate) => !known.includes(gate));
  if (unknown !== undefined) return refuse('UNKNOWN_GATE', `There is no gate "${unknown}". There are ${GATES.join(', ')}.`);
  const wanted = [...new Set(gates)];
  if (wanted.includes('size-within-budget') && (budget?.maxSizeBytes ?? 0n) === 0n) {
    return refuse('BUDGET_MISSING', 'The gate size-within-budget needs budget.max_size_bytes.');
  }
  if (wanted.includes('latency-within-budget') && (budget?.maxP99LatencyMs ?? 0) === 0) {
    return refuse('BUDGET_MISSING', 'The gate latency-within-budget needs budget.max_p99_latency_ms.');
  }
  if (model.policies.size >= MAX_POLICIES && !model.policies.has(alias)) {
    return refuse('TOO_MANY_POLICIES', `At most ${MAX_POLICIES} aliases and stages of a model have gates.`);
  }
  const before = model.policies.get(alias);
  if (before !== undefined && sameList(wanted, before.gates) && sameBudget(budget, before.budget)) return [];
  if (before === undefined && wanted.length === 0) return [];
  return [declared(model.modelId, alias, { gates: wanted, ...(budget !== undefined && { budget }) })];
}

/** What a model demands and its next name demanded, together: a claim of a name never makes it demand less. */
export function inherit({ modelId, policies }: Pick<KnownModel, 'modelId' | 'policies'>, inherited: readonly GatePolicy[]): RegisteredModelEvent[] {
  return inherited.flatMap(({ alias, gates, budget }) => {
    const own = policies.get(alias);
    const joined = stricter(own, { gates, ...(budget !== undefined && { budget }) });
    return own !== undefined && sameList(own.gates, joined.gates) && sameBudget(own.budget, joined.budget) ? [] : [declared(modelId, alias, joined)];
  });
}

/** Policies that demand something. */
export function policiesOf({ policies }: KnownModel): GatePolicy[] {
  return [...policies].flatMap(([alias, { gates, budget }]) => (gates.length === 0 ? [] : [{ alias, gates, ...(budget !== undefined && { budget }) }]));
}

/** Under its new name the model would carry what it never passed the gates of. */
export function refuseUnguarded(model: KnownModel, inherited: readonly RegisteredModelEvent[], name: string): Refusal<Code> | undefined {
  const carried = inherited.flatMap((event) => (event.type === 'cairn.registry.v1.GatePolicyDeclared' && carries(model, event.data.alias) ? [event.data.alias] : []));
  if (carried.length === 0) return undefined;
  return refuse(
    'NAME_DEMANDS_GATES',
    `The name ${name} demands gates for ${carried.map(shownTarget).join(', ')}, which the model's versions did not pass. ` +
      'Take these from its versions, rename, and set them again: then the gates decide.',
  );
}

function carries({ aliases, stages }: KnownModel, target: string): boolean {
  const stage = stageOfTarget(target);
  return stage === undefined ? aliases.has(target) : [...stages.values()].includes(stage);
}

function declared(modelId: string, alias: string, { gates, budget }: Policy): RegisteredModelEvent {
  return { type: 'cairn.registry.v1.GatePolicyDeclared', data: { modelId, alias, gates, ...(budget !== undefined && { budget }) } };
}

function stricter(one: Policy | undefined, other: Policy): Policy {
  if (one === undefined) return other;
  const gates = [...new Set([...one.gates, ...other.gates])];
  const [first, second] = [one.budget, other.budget];
  if (first === undefined || second === undefined) {
    const budget = first ?? second;
    return { gates, ...(budget !== undefined && { budget }) };
  }
  const budget = {
    maxSizeBytes: lower(first.maxSizeBytes, second.maxSizeBytes, 0n),
    maxP99LatencyMs: lower(first.maxP99LatencyMs, second.maxP99LatencyMs, 0),
    minRequests: first.minRequests > second.minRequests ? first.minRequests : second.minRequests,
  };
  return { gates, budget };
}

/** `none` stands for no limit. */
function lower<Value extends number | bigint>(one: Value, other: Value, none: Value): Value {
  if (one === none) return other;
  return other === none || one < other ? one : other;
}

function sameList(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}

function sameBudget(one: Budget | undefined, other: Budget | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.maxSizeBytes === other.maxSizeBytes && one.maxP99LatencyMs === other.maxP99LatencyMs && one.minRequests === other.minRequests;
}
