import type { Decider, Refusal } from '@cairn/kernel';
import type { ReportResources, ResourceFigure } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, placeOf, type ResourceUseEvent, type ResourceUseState } from './state.js';

const RESOURCES: readonly string[] = ['cpu_core_ms', 'gpu_ms', 'memory_mib_s', 'energy_mwh'];
const LABELS: readonly string[] = ['measured', 'estimated'];
const MAX_FIGURES = 50;
/** Distinct models of GPUs of one run: a bound on its stream's state and on its rows. */
const MAX_PLACES = 200;

export const resourceUse: Decider<ResourceUseState, ReportResources, ResourceUseEvent, Code> = {
  category: 'resource-use',
  initialState: () => new Map(),
  evolve,
  decide,
  refusals,
};

/** Figures are totals so far: one that says the same again, as a repeated request does, changes nothing, and is never added. */
function decide({ data: { runId, figures } }: ReportResources, state: ResourceUseState): readonly ResourceUseEvent[] | Refusal<Code> {
  if (figures.length === 0 || figures.length > MAX_FIGURES) return refuse('INVALID_RESOURCES', `Report 1 to ${MAX_FIGURES} figures; these are ${figures.length}.`);
  const wrong = figures.map(whatIsWrong).find((problem) => problem !== undefined);
  if (wrong !== undefined) return refuse('INVALID_RESOURCES', wrong);
  if (new Set(figures.map(placeOf)).size < figures.length) return refuse('INVALID_RESOURCES', 'A resource is named twice: report its total once, for each model of a GPU.');
  if (new Set([...state.keys(), ...figures.map(placeOf)]).size > MAX_PLACES) return refuse('INVALID_RESOURCES', `A run reports at most ${MAX_PLACES} resources and models.`);
  const fresh = figures.filter((figure) => !same(figure, state.get(placeOf(figure))));
  return fresh.length === 0 ? [] : [{ type: 'cairn.tracking.v1.ResourcesReported', data: { runId, figures: fresh } }];
}

function whatIsWrong({ resource, amount, gpuModel, label, method }: ResourceFigure): string | undefined {
  if (!RESOURCES.includes(resource)) return `The resource "${resource}" is none of ${RESOURCES.join(', ')}.`;
  if (amount < 0n) return `The amount of ${resource} must not be negative.`;
  if (gpuModel !== '' && resource !== 'gpu_ms') return `${resource} has no model of a GPU: leave it out.`;
  if (!LABELS.includes(label)) return `${resource} is "${label}"; say whether it was ${LABELS.join(' or ')}.`;
  if (method === '') return `Say by which method ${resource} was ${label}.`;
  return undefined;
}

function same(one: ResourceFigure, other: ResourceFigure | undefined): boolean {
  return other !== undefined && one.amount === other.amount && one.label === other.label && one.method === other.method;
}
