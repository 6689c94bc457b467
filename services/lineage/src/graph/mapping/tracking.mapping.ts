import type { EventOf, Plain, tracking } from '@cairn/contracts';
import { digestAlias, edge, node, nodeId, type EdgeFact, type GraphChange, type NodeId } from './graph-change.js';
import { mapModelMetrics } from './logged-model.mapping.js';
import { short, tagAttributes } from './tag-attributes.js';

export type TrackingEvent = EventOf<
  | tracking.ExperimentCreated
  | tracking.ExperimentNameClaimed
  | tracking.ExperimentNameReleased
  | tracking.ExperimentRenamed
  | tracking.ExperimentDeleted
  | tracking.ExperimentRestored
  | tracking.ExperimentTagsSet
  | tracking.ExperimentTagRemoved
  | tracking.CriteriaDeclared
  | tracking.CriteriaLocked
  | tracking.RunStarted
  | tracking.ParamsLogged
  | tracking.MetricsLogged
  | tracking.RunTagsSet
  | tracking.RunTagRemoved
  | tracking.RunDeleted
  | tracking.RunRestored
  | tracking.InputsLogged
  | tracking.ArtifactLogged
  | tracking.ArtifactRemoved
  | tracking.RunFinished
  | tracking.RunResumed
  | tracking.CriteriaJudged
  | tracking.WorkspaceCreated
  | tracking.WorkspaceDescribed
  | tracking.WorkspaceDeleted
  | tracking.PriceListDeclared
  | tracking.ResourcesReported
>;

export const trackingTypes: Readonly<Record<TrackingEvent['type'], true>> = {
  'cairn.tracking.v1.ExperimentCreated': true,
  'cairn.tracking.v1.ExperimentNameClaimed': true,
  'cairn.tracking.v1.ExperimentNameReleased': true,
  'cairn.tracking.v1.ExperimentRenamed': true,
  'cairn.tracking.v1.ExperimentDeleted': true,
  'cairn.tracking.v1.ExperimentRestored': true,
  'cairn.tracking.v1.ExperimentTagsSet': true,
  'cairn.tracking.v1.ExperimentTagRemoved': true,
  'cairn.tracking.v1.CriteriaDeclared': true,
  'cairn.tracking.v1.CriteriaLocked': true,
  'cairn.tracking.v1.RunStarted': true,
  'cairn.tracking.v1.ParamsLogged': true,
  'cairn.tracking.v1.MetricsLogged': true,
  'cairn.tracking.v1.RunTagsSet': true,
  'cairn.tracking.v1.RunTagRemoved': true,
  'cairn.tracking.v1.RunDeleted': true,
  'cairn.tracking.v1.RunRestored': true,
  'cairn.tracking.v1.InputsLogged': true,
  'cairn.tracking.v1.ArtifactLogged': true,
  'cairn.tracking.v1.ArtifactRemoved': true,
  'cairn.tracking.v1.RunFinished': true,
  'cairn.tracking.v1.RunResumed': true,
  'cairn.tracking.v1.CriteriaJudged': true,
  'cairn.tracking.v1.WorkspaceCreated': true,
  'cairn.tracking.v1.WorkspaceDescribed': true,
  'cairn.tracking.v1.WorkspaceDeleted': true,
  'cairn.tracking.v1.PriceListDeclared': true,
  'cairn.tracking.v1.ResourcesReported': true,
};

export function mapTracking(event: TrackingEvent, workspace: string): GraphChange {
  switch (event.type) {
    case 'cairn.tracking.v1.ExperimentCreated': {
      const { experimentId, name } = event.data;
      return { nodes: [node(nodeId('experiment', experimentId), name, { name })] };
    }
    case 'cairn.tracking.v1.ExperimentNameClaimed':
    case 'cairn.tracking.v1.ExperimentRenamed': {
      const { experimentId, name } = event.data;
      return { nodes: [node(nodeId('experiment', experimentId), name, { name })] };
    }
    case 'cairn.tracking.v1.ExperimentNameReleased': {
      const { experimentId, name } = event.data;
      return { nodes: [node(nodeId('experiment', experimentId), experimentId, { released_name: name })] };
    }
    case 'cairn.tracking.v1.ExperimentDeleted':
    case 'cairn.tracking.v1.ExperimentRestored': {
      const deleted = event.type === 'cairn.tracking.v1.ExperimentDeleted';
      return { nodes: [node(nodeId('experiment', event.data.experimentId), event.data.experimentId, { deleted })] };
    }
    case 'cairn.tracking.v1.ExperimentTagsSet':
      return { nodes: [node(nodeId('experiment', event.data.experimentId), event.data.experimentId, tagAttributes(event.data.tags))] };
    case 'cairn.tracking.v1.ExperimentTagRemoved': {
      const { experimentId, key } = event.data;
      return { nodes: [node(nodeId('experiment', experimentId), experimentId, { [`tag.${key}`]: null })] };
    }
    case 'cairn.tracking.v1.CriteriaDeclared': {
      const { experimentId, version, criteria, afterFirstRun } = event.data;
      const attributes = { criteria_version: version, criteria: criteria.map(sentenceOf), criteria_after_first_run: afterFirstRun };
      return { nodes: [node(nodeId('experiment', experimentId), experimentId, attributes)] };
    }
    case 'cairn.tracking.v1.CriteriaLocked': {
      const { experimentId, version, runId } = event.data;
      return { nodes: [node(nodeId('experiment', experimentId), experimentId, { criteria_locked_version: version, first_run_id: runId })] };
    }
    case 'cairn.tracking.v1.RunStarted': {
      const { runId, experimentId, name, user, tags, criteriaVersion } = event.data;
      const run = nodeId('run', runId);
      return {
        nodes: [node(run, name === '' ? runId : name, { name, user, criteria_version: criteriaVersion, status: 'RUNNING', ...tagAttributes(tags) })],
        edges: [edge(nodeId('experiment', experimentId), 'contains', run), ...taggedEdges(run, tags)],
      };
    }
    case 'cairn.tracking.v1.ParamsLogged': {
      const { runId, params } = event.data;
      const run = nodeId('run', runId);
      return {
        nodes: [node(run, runId, Object.fromEntries(params.map(({ key, value }) => [`param.${key}`, short(value)])))],
        edges: taggedEdges(run, params),
      };
    }
    case 'cairn.tracking.v1.MetricsLogged': {
      const { runId, keys, values } = event.data;
      const ofModels = mapModelMetrics(event.data, workspace);
      const measured = Object.fromEntries(keys.map((key, at) => [`metric.${key}`, values[at]]));
      return { nodes: [node(nodeId('run', runId), runId, measured), ...ofModels.nodes], edges: ofModels.edges };
    }
    case 'cairn.tracking.v1.RunTagsSet': {
      const run = nodeId('run', event.data.runId);
      return { nodes: [node(run, event.data.runId, tagAttributes(event.data.tags))], edges: taggedEdges(run, event.data.tags) };
    }
    case 'cairn.tracking.v1.RunTagRemoved': {
      const { runId, key } = event.data;
      return { nodes: [node(nodeId('run', runId), runId, { [`tag.${key}`]: null })] };
    }
    case 'cairn.tracking.v1.RunDeleted':
    case 'cairn.tracking.v1.RunRestored': {
      const deleted = event.type === 'cairn.tracking.v1.RunDeleted';
      return { nodes: [node(nodeId('run', event.data.runId), event.data.runId, { deleted })] };
    }
    case 'cairn.tracking.v1.InputsLogged': {
      const { runId, datasets } = event.data;
      const run = nodeId('run', runId);
      const inputs = datasets.map(({ name, digest, context }) => ({ name, digest, context }));
      return { nodes: [node(run, runId, { inputs })], edges: datasets.flatMap((dataset) => inputEdges(run, dataset, workspace)) };
    }
    case 'cairn.tracking.v1.ArtifactLogged': {
      const { runId, path, digest } = event.data;
      return { nodes: [node(nodeId('run', runId), runId, { [`artifact.${path}`]: digest })] };
    }
    case 'cairn.tracking.v1.ArtifactRemoved': {
      const { runId, path } = event.data;
      return { nodes: [node(nodeId('run', runId), runId, { [`artifact.${path}`]: null })] };
    }
    case 'cairn.tracking.v1.RunFinished': {
      const { runId, status } = event.data;
      return { nodes: [node(nodeId('run', runId), runId, { status })] };
    }
    case 'cairn.tracking.v1.RunResumed':
      return { nodes: [node(nodeId('run', event.data.runId), event.data.runId, { status: 'RUNNING' })] };
    case 'cairn.tracking.v1.CriteriaJudged': {
      const { runId, verdict, results } = event.data;
      const judged = results.map(({ criterion, verdict: of, observed }) => ({ criterion: criterion && sentenceOf(criterion), verdict: of, observed }));
      return { nodes: [node(nodeId('run', runId), runId, { criteria_verdict: verdict, criteria_results: judged })] };
    }
    case 'cairn.tracking.v1.WorkspaceCreated':
    case 'cairn.tracking.v1.WorkspaceDescribed': {
      const { name, description } = event.data;
      return { nodes: [node(nodeId('workspace', name), name, { name, description, deleted: false })] };
    }
    case 'cairn.tracking.v1.WorkspaceDeleted':
      return { nodes: [node(nodeId('workspace', event.data.name), event.data.name, { deleted: true })] };
    case 'cairn.tracking.v1.PriceListDeclared': {
      const { version, currency, gridRegion, gridGco2ePerKwh } = event.data;
      const attributes = { price_list_version: version, price_list_currency: currency, grid_region: gridRegion, grid_gco2e_per_kwh: gridGco2ePerKwh };
      return { nodes: [node(nodeId('workspace', workspace), workspace, attributes)] };
    }
    case 'cairn.tracking.v1.ResourcesReported': {
      const { runId, figures } = event.data;
      const used = figures.map(({ resource, gpuModel, amount, label }) => [`used.${resource}${gpuModel === '' ? '' : `.${gpuModel}`}`, `${amount} (${label})`] as const);
      return { nodes: [node(nodeId('run', runId), runId, Object.fromEntries(used))] };
    }
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

type Pair = { readonly key: string; readonly value: string };

/** Tags and parameters by which a training program says what it belongs to. */
const NAMED: readonly { readonly keys: readonly string[]; readonly kind: 'job' | 'training-set'; readonly relation: string }[] = [
  { keys: ['cairn.job_id', 'job_id'], kind: 'job', relation: 'ran' },
  { keys: ['cairn.training_set_id', 'training_set_id'], kind: 'training-set', relation: 'trained' },
];
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/;

function taggedEdges(run: NodeId, pairs: readonly Pair[]): EdgeFact[] {
  return NAMED.flatMap(({ keys, kind, relation }) =>
    pairs.filter(({ key, value }) => keys.includes(key) && UUID.test(value)).map(({ value }) => edge(nodeId(kind, value), relation, run)),
  );
}

const NAMED_IN_SOURCE = /(training[-_]set|dataset[-_]version)s?(?:[-_]id)?["']?[\s:/=]+["']?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/;

/** An input is known by its content, or else by the id that its source names. */
function inputEdges(run: NodeId, input: { readonly digest: string; readonly source: string; readonly context: string }, workspace: string): EdgeFact[] {
  const relation = input.context === 'validation' ? 'validated' : 'trained';
  const alias = digestAlias(workspace, input.digest);
  const [, kind, id] = NAMED_IN_SOURCE.exec(input.source) ?? [];
  const named = id === undefined ? [] : [edge(nodeId(kind?.startsWith('training') ? 'training-set' : 'dataset-version', id), relation, run)];
  return [...(alias === undefined ? [] : [edge({ alias }, relation, run)]), ...named];
}

function sentenceOf({ metric, comparison, threshold, baselineMetric, baseline }: Plain<tracking.Criterion>): string {
  if (baseline !== undefined) return `${metric} ${comparison} ${baseline.value} of run ${baseline.runId} + ${threshold}`;
  return `${metric} ${comparison} ${baselineMetric === '' ? threshold : `${baselineMetric} + ${threshold}`}`;
}
