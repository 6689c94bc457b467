import type { catalog, Plain } from '@cairn/contracts';
import type { RuleReport } from '@cairn/tabular';
import type { DatasetVersionRow } from '../views/version-history/dataset-version.entity.js';

/** proto3 JSON of a contract check: what is zero or empty is left out. */
interface StoredCheck {
  readonly contractId?: string;
  readonly contractVersion?: string;
  readonly rowsChecked?: string;
  readonly rowsViolating?: string;
  readonly violations?: readonly { readonly column: string; readonly rule: string; readonly count?: string; readonly examples?: readonly string[] }[];
}

interface StoredDerivation {
  readonly versionId: string;
  readonly digest: string;
  readonly operation: string;
  readonly rowNumberColumn: string;
}

export function convertVersion(row: DatasetVersionRow) {
  const derivedFrom = JSON.parse(row.derivedFrom) as StoredDerivation[];
  return {
    version_id: row.versionId,
    dataset: row.datasetName,
    version: row.version,
    digest: row.digest,
    format: 'parquet',
    size_bytes: Number(row.sizeBytes),
    row_count: Number(row.rowCount),
    columns: JSON.parse(row.columns) as { name: string; type: string }[],
    derived_from: derivedFrom.map(({ versionId, digest, operation, rowNumberColumn }) => ({
      version_id: versionId, digest, operation, row_number_column: rowNumberColumn,
    })),
    origin: row.origin,
    status: row.status,
    certification: row.certification,
    check: row.lastCheck === null ? null : convertCheck(JSON.parse(row.lastCheck) as StoredCheck),
  };
}

function convertCheck(check: StoredCheck) {
  return {
    contract_id: check.contractId ?? '',
    contract_version: check.contractVersion ?? '',
    rows_checked: Number(check.rowsChecked ?? 0),
    rows_violating: Number(check.rowsViolating ?? 0),
    violations: (check.violations ?? []).map(({ column, rule, count, examples }) => ({
      column, rule, count: Number(count ?? 0), examples: (examples ?? []).map((example) => JSON.parse(example) as Record<string, unknown>),
    })),
  };
}

/** Of all examples of one check together: an event holds 60 KB, and a contract may have hundreds of rules. Counts are never left out. */
const MAX_EXAMPLE_BYTES = 24_000;
const MAX_EXAMPLES_PER_RULE = 5;

export function convertReport(versionId: string, contractId: string, contractVersion: string, report: RuleReport): Plain<catalog.ContractChecked> {
  let roomBytes = MAX_EXAMPLE_BYTES;
  const fitting = (example: object): string[] => {
    const text = JSON.stringify(example);
    const sizeBytes = Buffer.byteLength(text);
    if (sizeBytes > roomBytes) return [];
    roomBytes -= sizeBytes;
    return [text];
  };
  return {
    versionId,
    contractId,
    contractVersion,
    rowsChecked: BigInt(report.rowsChecked),
    rowsViolating: BigInt(report.rowsViolating),
    violations: report.violations.map(({ column, rule, count, examples }) => ({
      column, rule, count: BigInt(count), examples: examples.slice(0, MAX_EXAMPLES_PER_RULE).flatMap(fitting),
    })),
  };
}
