import type { EventOf, Plain, tracking } from '@cairn/contracts';
import { digestAlias, edge, node, nodeId, type GraphChange } from './graph-change.js';
import { short, tagAttributes } from './tag-attributes.js';

export type LoggedModelEvent = EventOf<
  | tracking.LoggedModelCreated
  | tracking.LoggedModelParamsLogged
  | tracking.LoggedModelFinalized
  | tracking.LoggedModelTagsSet
  | tracking.LoggedModelTagRemoved
  | tracking.LoggedModelDeleted
  | tracking.LoggedModelArtifactLogged
  | tracking.LoggedModelArtifactRemoved
  | tracking.ModelOutputsLogged
  | tracking.ModelInputsLogged
>;

export const loggedModelTypes: Readonly<Record<LoggedModelEvent['type'], true>> = {
  'cairn.tracking.v1.LoggedModelCreated': true,
  'cairn.tracking.v1.LoggedModelParamsLogged': true,
  'cairn.tracking.v1.LoggedModelFinalized': true,
  'cairn.tracking.v1.LoggedModelTagsSet': true,
  'cairn.tracking.v1.LoggedModelTagRemoved': true,
  'cairn.tracking.v1.LoggedModelDeleted': true,
  'cairn.tracking.v1.LoggedModelArtifactLogged': true,
  'cairn.tracking.v1.LoggedModelArtifactRemoved': true,
  'cairn.tracking.v1.ModelOutputsLogged': true,
  'cairn.tracking.v1.ModelInputsLogged': true,
};

type Pair = { readonly key: string; readonly value: string };

const paramAttributes = (params: readonly Pair[]) => Object.fromEntries(params.map(({ key, value }) => [`param.${key}`, short(value)]));

export function mapLoggedModel(event: LoggedModelEvent): GraphChange {
  if (event.type === 'cairn.tracking.v1.ModelOutputsLogged') {
    const { runId, models } = event.data;
    return {
      nodes: [node(nodeId('run', runId), runId, { model_outputs: models.map(({ modelId }) => modelId) })],
      edges: models.map(({ modelId }) => edge(nodeId('run', runId), 'produced', nodeId('logged-model', modelId))),
    };
  }
  if (event.type === 'cairn.tracking.v1.ModelInputsLogged') {
    const { runId, modelIds } = event.data;
    return {
      nodes: [node(nodeId('run', runId), runId, { model_inputs: modelIds })],
      edges: modelIds.map((modelId) => edge(nodeId('logged-model', modelId), 'used-by', nodeId('run', runId))),
    };
  }
  const { modelId } = event.data;
  const model = nodeId('logged-model', modelId);
  switch (event.type) {
    case 'cairn.tracking.v1.LoggedModelCreated': {
      const { experimentId, name, modelType, sourceRunId, tags, params } = event.data;
      const attributes = { name, model_type: modelType, status: 'pending', ...tagAttributes(tags), ...paramAttributes(params) };
      return {
        nodes: [node(model, name, attributes)],
        edges: [
          edge(nodeId('experiment', experimentId), 'contains', model),
          ...(sourceRunId === '' ? [] : [edge(nodeId('run', sourceRunId), 'produced', model)]),
        ],
      };
    }
    case 'cairn.tracking.v1.LoggedModelParamsLogged':
      return { nodes: [node(model, modelId, paramAttributes(event.data.params))] };
    case 'cairn.tracking.v1.LoggedModelFinalized':
      return { nodes: [node(model, modelId, { status: event.data.status })] };
    case 'cairn.tracking.v1.LoggedModelTagsSet':
      return { nodes: [node(model, modelId, tagAttributes(event.data.tags))] };
    case 'cairn.tracking.v1.LoggedModelTagRemoved':
      return { nodes: [node(model, modelId, { [`tag.${event.data.key}`]: null })] };
    case 'cairn.tracking.v1.LoggedModelDeleted':
      return { nodes: [node(model, modelId, { deleted: true })] };
    case 'cairn.tracking.v1.LoggedModelArtifactLogged':
      return { nodes: [node(model, modelId, { [`artifact.${event.data.path}`]: event.data.digest })] };
    case 'cairn.tracking.v1.LoggedModelArtifactRemoved':
      return { nodes: [node(model, modelId, { [`artifact.${event.data.path}`]: null })] };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

/** Points that are about a logged model belong to it too, and the dataset that it was measured on leads to it. */
export function mapModelMetrics(data: Plain<tracking.MetricsLogged>, workspace: string): Required<Pick<GraphChange, 'nodes' | 'edges'>> {
  const { keys, values, modelIds, datasetDigests } = data;
  const measured = new Map<string, Record<string, number | undefined>>();
  const pairs = new Map<string, { readonly modelId: string; readonly alias: string }>();
  modelIds.forEach((modelId, at) => {
    if (modelId === '') return;
    measured.set(modelId, { ...measured.get(modelId), [`metric.${keys[at]}`]: values[at] });
    const alias = digestAlias(workspace, datasetDigests[at] ?? '');
    if (alias !== undefined) pairs.set(`${modelId} ${alias}`, { modelId, alias });
  });
  return {
    nodes: [...measured].map(([modelId, attributes]) => node(nodeId('logged-model', modelId), modelId, attributes)),
    edges: [...pairs.values()].map(({ modelId, alias }) => edge({ alias }, 'evaluated', nodeId('logged-model', modelId))),
  };
}
