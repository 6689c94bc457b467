import type { Plain, registry } from '@cairn/contracts';
import type { IncidentRow, RolloutRow } from '../../figures/views/rollout-history/rollout-history.entity.js';
import { criterionSentence } from '../../model-version/domain/sentence.js';
import type { ApprovalRow, EvaluationRow, VersionRow } from '../../model-version/views/version-list/version.entity.js';
import { codeCommit, environmentOf, inputsOf } from '../../provenance/domain/dependencies.js';
import { missingFacts } from '../../provenance/domain/missing-facts.js';
import { numberOf } from '../../provenance/domain/statement.js';
import type { Origin } from '../../provenance/facts/origin.js';
import type { StatementRow } from '../../provenance/views/statement-list/statement.entity.js';
import type { AliasRow, ModelRow } from '../../registered-model/views/model-list/model.entity.js';

/** All that a card is written from. */
export interface CardFacts {
  readonly model: ModelRow;
  readonly version: VersionRow;
  readonly origin: Origin;
  /** The version's own, or that of the MLmodel file beside it. */
  readonly signature?: { readonly from: 'version' | 'mlmodel'; readonly signature: Plain<registry.Signature> };
  readonly aliases: readonly AliasRow[];
  readonly approvals: readonly ApprovalRow[];
  /** Newest first. */
  readonly evaluations: readonly EvaluationRow[];
  readonly answering: readonly RolloutRow[];
  readonly incidents: readonly IncidentRow[];
  readonly statement?: StatementRow;
}

export type ModelCard = ReturnType<typeof writeCard>;

/** Where a list is cut, a limitation says so. */
export const SHOWN = { parameters: 1_000, metrics: 500, features: 500, incidents: 50 } as const;

export function writeCard(facts: CardFacts) {
  const { model, version, origin, approvals, statement } = facts;
  const { run } = origin;
  return {
    model: version.modelName,
    version: version.version,
    version_id: version.versionId,
    owner: version.author,
    created_at_ms: Number(version.creationTimeMs),
    stage: version.stage,
    aliases: facts.aliases.filter(({ versionId }) => versionId === version.versionId).map(({ alias }) => alias),
    content: { source: version.source, digest: version.digest, size_bytes: Number(version.sizeBytes) },
    intended_use: { model: model.description, version: version.description, model_tags: model.tags, version_tags: version.tags },
    training: trainingOf(origin),
    contract: contractOf(origin),
    features: (origin.trainingSet?.requested.features ?? [])
      .slice(0, SHOWN.features)
      .map(({ column, feature, viewName, viewVersion }) => ({ column: column === '' ? feature : column, feature, view: viewName, view_version: viewVersion })),
    parameters: [...(run?.params.values() ?? [])]
      .sort(byKey)
      .slice(0, SHOWN.parameters)
      .map(({ key, value, origin: from, library, libraryVersion }) => ({ key, value, origin: from === 'default' ? 'default' : 'set', library, library_version: libraryVersion })),
    metrics: [...(run?.metrics ?? [])]
      .map(([key, { value, step }]) => ({ key, value: numberOf(value), step: Number(step) }))
      .sort(byKey)
      .slice(0, SHOWN.metrics),
    criteria: criteriaOf(origin),
    gates: lastByTarget(facts.evaluations).map(({ alias, verdict, outcome, evaluatedAt, gates }) => ({ target: alias, verdict, outcome, evaluated_at: evaluatedAt, gates })),
    approvals: approvals.map(({ alias, approver, comment, approvedAt }) => ({ target: alias, approver, comment, approved_at: approvedAt })),
    deployments: facts.answering.map(({ deploymentName, endedAt }) => ({ deployment: deploymentName, since: endedAt })),
    incidents: facts.incidents.map(({ deploymentName, sentence, openedAt, resolvedAt }) => ({
      deployment: deploymentName, sentence, opened_at: openedAt, resolved_at: resolvedAt === '' ? null : resolvedAt,
    })),
    latency: version.measurement,
    signature: signatureOf(facts),
    provenance: statement === undefined ? null : { statement: statement.number, payload_digest: statement.payloadDigest, signed_at: statement.signedAt },
    limitations: limitationsOf(facts),
  };
}

function trainingOf(origin: Origin) {
  const { run, trainingSet, datasets } = origin;
  const code = codeCommit(origin);
  return {
    run: run === undefined ? null : { run_id: run.runId, name: run.name, status: run.finish?.status ?? 'RUNNING' },
    code: code === undefined ? null : code,
    environment: environmentOf(origin).map(({ name, digest }) => ({ file: name, sha256: digest?.['sha256'] ?? '' })),
    training_set:
      trainingSet === undefined
        ? null
        : {
            training_set_id: trainingSet.requested.trainingSetId,
            name: trainingSet.requested.name,
            rows: trainingSet.built === undefined ? null : Number(trainingSet.built.rowCount),
            label: trainingSet.requested.label,
            from: trainingSet.requested.from,
            to: trainingSet.requested.to,
            leakage: trainingSet.leakage,
            digest: trainingSet.built?.digest ?? '',
          },
    datasets: datasets.map(({ registered, registeredAt, certified, quarantined }) => ({
      name: registered.datasetName,
      version: registered.version,
      digest: registered.digest,
      registered_at: registeredAt,
      certified: certified === undefined ? null : { level: certified.level, contract_version: certified.contractVersion, by: certified.by, at: certified.at },
      quarantined: quarantined === '' ? null : quarantined,
    })),
    inputs: inputsOf(origin).map(({ name, digest, context }) => ({ name, digest, context })),
  };
}

function contractOf({ contract, datasets }: Origin) {
  if (contract === undefined) return null;
  const checked = datasets[0]?.checked;
  const rules = contract.rules.map(({ column, unit, minimum, maximum, required }) => ({ column, unit, minimum: minimum ?? null, maximum: maximum ?? null, required }));
  const rows = { rows_checked: Number(checked?.rowsChecked ?? 0n), rows_violating: Number(checked?.rowsViolating ?? 0n) };
  return { dataset: contract.datasetName, version: contract.version, ...rows, rules };
}

function criteriaOf({ run }: Origin) {
  if (run?.judged === undefined) return null;
  const { criteriaVersion, verdict, results } = run.judged;
  return {
    version: criteriaVersion,
    verdict,
    results: results.map((result) => ({
      metric: result.criterion?.metric ?? '',
      comparison: result.criterion?.comparison ?? '',
      required: result.required === undefined ? null : numberOf(result.required),
      observed: result.observed === undefined ? null : numberOf(result.observed),
      verdict: result.verdict,
      sentence: criterionSentence(result),
    })),
  };
}

/** Units and ranges come from the contract, for a tensor or a column that is named as a column of the data. */
function signatureOf({ signature: known, origin }: CardFacts) {
  if (known === undefined) return null;
  const rules = new Map((origin.contract?.rules ?? []).map((rule) => [rule.column, rule] as const));
  const side = (tensors: Plain<registry.Signature>['inputs']) =>
    tensors.map(({ name, datatype, shape, columns }) => ({
      name,
      datatype,
      shape: shape.map(Number),
      columns: (columns.length > 0 ? columns : [name]).map((column) => {
        const rule = rules.get(column);
        return { column, unit: rule?.unit ?? '', minimum: rule?.minimum ?? null, maximum: rule?.maximum ?? null };
      }),
    }));
  return { from: known.from, inputs: side(known.signature.inputs), outputs: side(known.signature.outputs) };
}

function limitationsOf(facts: CardFacts): string[] {
  const { version, origin, signature, answering, incidents } = facts;
  const open = incidents.filter(({ resolvedAt }) => resolvedAt === '').length;
  const said: [boolean, string][] = [
    [facts.model.description === '' && version.description === '', 'What the model is meant for is not described.'],
    [signature === undefined, 'Inputs and outputs are not known: neither the version nor an MLmodel file beside it has a signature that can be read.'],
    [origin.contract === undefined, 'Units and ranges are not known: no contract of the training data was found.'],
    [version.measurement === null, 'The latency was not measured.'],
    [facts.approvals.length === 0, 'Nobody approved the version.'],
    [answering.length === 0, 'No deployment answers with the version.'],
    [open > 0, `${open} ${open === 1 ? 'incident is' : 'incidents are'} open in deployments of the version.`],
    [(origin.run?.params.size ?? 0) > SHOWN.parameters, `The run has more than ${SHOWN.parameters} parameters; the others are not shown.`],
    [(origin.run?.metrics.size ?? 0) > SHOWN.metrics, `The run has more than ${SHOWN.metrics} metrics; the others are not shown.`],
  ];
  const gates = lastByTarget(facts.evaluations).flatMap(({ alias, gates: results }) =>
    results.filter(({ verdict }) => verdict !== 'pass').map(({ gate, verdict, evidence }) => `Gate ${gate} of ${alias}: ${verdict}. ${evidence}`),
  );
  return [...missingFacts(origin), ...said.filter(([holds]) => holds).map(([, sentence]) => sentence), ...gates];
}

/** Of evaluations, newest first, the newest of each alias or stage. */
function lastByTarget(evaluations: readonly EvaluationRow[]): EvaluationRow[] {
  return evaluations.filter(({ alias }, index) => evaluations.findIndex((one) => one.alias === alias) === index);
}

function byKey(one: { readonly key: string }, other: { readonly key: string }): number {
  return one.key < other.key ? -1 : 1;
}
