import type { catalog, EventOf } from '@cairn/contracts';
import { derivedId } from '@cairn/kernel';
import { digestAlias, edge, nameAlias, node, nodeId, type GraphChange } from './graph-change.js';

export type CatalogEvent = EventOf<
  | catalog.DatasetRegistered
  | catalog.DatasetVersionAdded
  | catalog.DatasetVersionRegistered
  | catalog.ContractPublished
  | catalog.ContractChecked
  | catalog.DatasetVersionQuarantined
  | catalog.DatasetVersionCertified
>;

export const catalogTypes: Readonly<Record<CatalogEvent['type'], true>> = {
  'cairn.catalog.v1.DatasetRegistered': true,
  'cairn.catalog.v1.DatasetVersionAdded': true,
  'cairn.catalog.v1.DatasetVersionRegistered': true,
  'cairn.catalog.v1.ContractPublished': true,
  'cairn.catalog.v1.ContractChecked': true,
  'cairn.catalog.v1.DatasetVersionQuarantined': true,
  'cairn.catalog.v1.DatasetVersionCertified': true,
};

export function mapCatalog(event: CatalogEvent, workspace: string): GraphChange {
  switch (event.type) {
    case 'cairn.catalog.v1.DatasetRegistered': {
      const { datasetId, name, description, owner, tags } = event.data;
      const dataset = nodeId('dataset', datasetId);
      return { nodes: [node(dataset, name, { name, description, owner, tags })], aliases: [{ alias: nameAlias('dataset', workspace, name), node: dataset }] };
    }
    case 'cairn.catalog.v1.DatasetVersionAdded': {
      const { datasetId, versionId, version } = event.data;
      return { nodes: [node(nodeId('dataset', datasetId), datasetId, { latest_version: version, latest_version_id: versionId })] };
    }
    case 'cairn.catalog.v1.DatasetVersionRegistered':
      return versionRegistered(event.data, workspace);
    case 'cairn.catalog.v1.ContractPublished': {
      const { contractId, datasetId, datasetName, version, documentDigest, rules } = event.data;
      const contract = nodeId('contract', contractId);
      return {
        nodes: [node(contract, `${datasetName} contract`, { dataset: datasetName, version, document_digest: documentDigest, rules: rules.length })],
        edges: [edge(nodeId('dataset', datasetId), 'described-by', contract)],
      };
    }
    case 'cairn.catalog.v1.ContractChecked': {
      const { versionId, contractId, contractVersion, rowsChecked, rowsViolating, violations } = event.data;
      const version = nodeId('dataset-version', versionId);
      const found = violations.map(({ column, rule, count }) => ({ column, rule, count }));
      return {
        nodes: [node(version, versionId, { contract_version: contractVersion, rows_checked: rowsChecked, rows_violating: rowsViolating, violations: found })],
        edges: [edge(nodeId('contract', contractId), 'checked', version)],
      };
    }
    case 'cairn.catalog.v1.DatasetVersionQuarantined': {
      const { versionId, reason } = event.data;
      return { nodes: [node(nodeId('dataset-version', versionId), versionId, { status: 'quarantined', reason })] };
    }
    case 'cairn.catalog.v1.DatasetVersionCertified': {
      const { versionId, level, contractId, contractVersion, comment } = event.data;
      const version = nodeId('dataset-version', versionId);
      return {
        nodes: [node(version, versionId, { status: 'certified', certified: level, contract_version: contractVersion, comment })],
        edges: contractId === '' ? [] : [edge(nodeId('contract', contractId), 'certified', version)],
      };
    }
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

function versionRegistered(data: EventOf<catalog.DatasetVersionRegistered>['data'], workspace: string): GraphChange {
  const { versionId, datasetId, datasetName, version, digest, format, sizeBytes, rowCount, columns, derivedFrom, origin, profileDigest } = data;
  const registered = nodeId('dataset-version', versionId);
  const source = nodeId('origin', derivedId('origin', workspace, origin));
  const alias = digestAlias(workspace, digest);
  return {
    nodes: [
      node(registered, `${datasetName} v${version}`, {
        dataset: datasetName, version, digest, format, size_bytes: sizeBytes, row_count: rowCount, columns: columns.length, origin, profile_digest: profileDigest,
        derived_from: derivedFrom.map((parent) => ({ version_id: parent.versionId, operation: parent.operation, row_number_column: parent.rowNumberColumn })),
      }),
      ...(origin === '' ? [] : [node(source, origin, { uri: origin })]),
    ],
    edges: [
      edge(nodeId('dataset', datasetId), 'has-version', registered),
      ...derivedFrom.map((parent) => edge(nodeId('dataset-version', parent.versionId), 'derived-into', registered)),
      ...(origin === '' ? [] : [edge(source, 'imported-as', registered)]),
    ],
    aliases: alias === undefined ? [] : [{ alias, node: registered }],
  };
}
