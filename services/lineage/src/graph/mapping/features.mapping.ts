import type { EventOf, features } from '@cairn/contracts';
import { digestAlias, edge, nameAlias, node, nodeId, versionedNodeId, type GraphChange } from './graph-change.js';

export type FeaturesEvent = EventOf<
  | features.FeatureViewDefined
  | features.FeatureServiceDefined
  | features.TrainingSetRequested
  | features.LeakageFound
  | features.LeakageCheckPassed
  | features.TrainingSetBuilt
  | features.TrainingSetFailed
  | features.FeaturesMaterialised
>;

export const featuresTypes: Readonly<Record<FeaturesEvent['type'], true>> = {
  'cairn.features.v1.FeatureViewDefined': true,
  'cairn.features.v1.FeatureServiceDefined': true,
  'cairn.features.v1.TrainingSetRequested': true,
  'cairn.features.v1.LeakageFound': true,
  'cairn.features.v1.LeakageCheckPassed': true,
  'cairn.features.v1.TrainingSetBuilt': true,
  'cairn.features.v1.TrainingSetFailed': true,
  'cairn.features.v1.FeaturesMaterialised': true,
};

export function mapFeatures(event: FeaturesEvent, workspace: string): GraphChange {
  switch (event.type) {
    case 'cairn.features.v1.FeatureViewDefined': {
      const { viewId, name, version, datasetName, entityColumns, eventTime, knownTime, features, description } = event.data;
      const view = versionedNodeId('feature-view', viewId, version);
      const names = features.map((feature) => feature.name);
      return {
        nodes: [node(view, `${name} v${version}`, { name, version, description, entity_columns: entityColumns, event_time: eventTime, known_time: knownTime, features: names })],
        edges: [
          edge({ alias: nameAlias('dataset', workspace, datasetName) }, 'feeds', view),
          ...(version > 1 ? [edge(versionedNodeId('feature-view', viewId, version - 1), 'succeeded-by', view)] : []),
        ],
      };
    }
    case 'cairn.features.v1.FeatureServiceDefined': {
      const { serviceId, name, version, features } = event.data;
      const service = versionedNodeId('feature-service', serviceId, version);
      return {
        nodes: [node(service, `${name} v${version}`, { name, version, features: features.map(({ viewName, feature }) => `${viewName}:${feature}`) })],
        edges: [
          ...viewsOf(features).map((view) => edge(view, 'selected-by', service)),
          ...(version > 1 ? [edge(versionedNodeId('feature-service', serviceId, version - 1), 'succeeded-by', service)] : []),
        ],
      };
    }
    case 'cairn.features.v1.TrainingSetRequested':
      return trainingSetRequested(event.data);
    case 'cairn.features.v1.LeakageFound': {
      const { trainingSetId, findings, rowsChecked } = event.data;
      const found = findings.map(({ feature, rule, rowsLeaking, sentence }) => ({ feature, rule, rows_leaking: rowsLeaking, sentence }));
      return { nodes: [node(nodeId('training-set', trainingSetId), trainingSetId, { status: 'refused', leakage: found, leakage_rows_checked: rowsChecked })] };
    }
    case 'cairn.features.v1.LeakageCheckPassed': {
      const { trainingSetId, rowsChecked } = event.data;
      return { nodes: [node(nodeId('training-set', trainingSetId), trainingSetId, { leakage: [], leakage_rows_checked: rowsChecked })] };
    }
    case 'cairn.features.v1.TrainingSetBuilt': {
      const { trainingSetId, digest, sizeBytes, rowCount, columns, labelRate, sourceRowColumn } = event.data;
      const trainingSet = nodeId('training-set', trainingSetId);
      const alias = digestAlias(workspace, digest);
      const facts = { status: 'built', digest, size_bytes: sizeBytes, row_count: rowCount, columns, label_rate: labelRate, source_row_column: sourceRowColumn };
      return { nodes: [node(trainingSet, trainingSetId, facts)], aliases: alias === undefined ? [] : [{ alias, node: trainingSet }] };
    }
    case 'cairn.features.v1.TrainingSetFailed': {
      const { trainingSetId, reason } = event.data;
      return { nodes: [node(nodeId('training-set', trainingSetId), trainingSetId, { status: 'failed', reason })] };
    }
    case 'cairn.features.v1.FeaturesMaterialised':
      return materialised(event.data, workspace);
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

function trainingSetRequested(data: EventOf<features.TrainingSetRequested>['data']): GraphChange {
  const trainingSet = nodeId('training-set', data.trainingSetId);
  return {
    nodes: [
      node(trainingSet, data.name, {
        name: data.name, status: 'requested', feature_service: `${data.featureServiceName} v${data.featureServiceVersion}`,
        dataset: `${data.datasetName} v${data.datasetVersion}`, dataset_digest: data.datasetDigest, prediction_time: data.predictionTime, label: data.label,
        from: data.from, to: data.to, sample_every: data.sampleEvery,
      }),
    ],
    edges: [
      edge(versionedNodeId('feature-service', data.featureServiceId, data.featureServiceVersion), 'defines', trainingSet),
      ...viewsOf(data.features).map((view) => edge(view, 'joined-into', trainingSet)),
      edge(nodeId('dataset-version', data.datasetVersionId), 'sampled-into', trainingSet),
    ],
  };
}

function materialised(data: EventOf<features.FeaturesMaterialised>['data'], workspace: string): GraphChange {
  const { materialisationId, viewId, viewName, viewVersion, until, digest, sizeBytes, rowCount, entityCount, datasetVersionIds } = data;
  const materialisation = nodeId('materialisation', materialisationId);
  const alias = digestAlias(workspace, digest);
  return {
    nodes: [node(materialisation, `${viewName} v${viewVersion} ${until}`, { until, digest, size_bytes: sizeBytes, row_count: rowCount, entity_count: entityCount })],
    edges: [
      edge(versionedNodeId('feature-view', viewId, viewVersion), 'materialised-as', materialisation),
      ...datasetVersionIds.map((versionId) => edge(nodeId('dataset-version', versionId), 'materialised-into', materialisation)),
    ],
    aliases: alias === undefined ? [] : [{ alias, node: materialisation }],
  };
}

function viewsOf(refs: readonly { readonly viewId: string; readonly viewVersion: number }[]) {
  return [...new Set(refs.map(({ viewId, viewVersion }) => versionedNodeId('feature-view', viewId, viewVersion)))];
}
