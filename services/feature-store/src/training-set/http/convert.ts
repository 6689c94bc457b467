import type { TrainingSetRow } from '../views/training-set-list/training-set.entity.js';

interface StoredRequest {
  readonly featureServiceName?: string;
  readonly featureServiceVersion?: number;
  readonly datasetVersionId?: string;
  readonly historyVersionIds?: readonly string[];
  readonly predictionTime?: string;
  readonly label?: string;
  readonly from?: string;
  readonly to?: string;
  readonly sampleEvery?: number;
}

interface StoredBuild {
  readonly digest?: string;
  readonly sizeBytes?: string;
  readonly rowCount?: string;
  readonly columns?: readonly string[];
  readonly labelRate?: number;
}

interface StoredFinding {
  readonly feature?: string;
  readonly rule?: string;
  readonly rowsLeaking?: string;
  readonly worstSeconds?: number;
  readonly auc?: number;
  readonly sentence?: string;
  readonly examples?: readonly string[];
}

interface StoredCheck {
  readonly rowsChecked?: string;
  readonly findings?: readonly StoredFinding[];
  readonly features?: readonly { readonly feature?: string; readonly auc?: number }[];
}

export function convertTrainingSet(row: TrainingSetRow) {
  const request = JSON.parse(row.request) as StoredRequest;
  const built = JSON.parse(row.built ?? '{}') as StoredBuild;
  const check = JSON.parse(row.leakageCheck ?? '{}') as StoredCheck;
  return {
    training_set_id: row.trainingSetId,
    name: row.name,
    state: row.state,
    feature_service: request.featureServiceName ?? '',
    feature_service_version: request.featureServiceVersion ?? 0,
    dataset_version_id: request.datasetVersionId ?? '',
    history_version_ids: request.historyVersionIds ?? [],
    prediction_time: request.predictionTime ?? '',
    label: request.label ?? '',
    from: request.from ?? '',
    to: request.to ?? '',
    sample_every: request.sampleEvery ?? 1,
    digest: built.digest ?? null,
    size_bytes: Number(built.sizeBytes ?? 0),
    row_count: Number(built.rowCount ?? 0),
    columns: built.columns ?? [],
    label_rate: built.labelRate ?? 0,
    leakage_check: row.leakageCheck === null ? null : { rows_checked: Number(check.rowsChecked ?? 0), findings: convertFindings(check), features: check.features ?? [] },
    reason: row.reason,
  };
}

function convertFindings({ findings = [] }: StoredCheck) {
  return findings.map((finding) => ({
    feature: finding.feature ?? '',
    rule: finding.rule ?? '',
    rows_leaking: Number(finding.rowsLeaking ?? 0),
    worst_seconds: finding.worstSeconds ?? 0,
    auc: finding.auc ?? 0,
    sentence: finding.sentence ?? '',
    examples: (finding.examples ?? []).map((example) => JSON.parse(example) as Record<string, unknown>),
  }));
}
