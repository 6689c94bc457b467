import { escaped, quoted } from './escaped.js';
import type { ModelCard } from './model-card.js';

/** The card as a person reads it. Whatever somebody else wrote is escaped. */
export function cardMarkdown(card: ModelCard): string {
  const sections = [
    [`# ${escaped(card.model)}, version ${card.version}`, '', ...summary(card)],
    section('Intended use', intendedUse(card)),
    section('Limitations that are known', card.limitations.map((sentence) => `- ${escaped(sentence)}`)),
    section('Training data', trainingData(card)),
    section('Features', features(card)),
    section('Parameters', table(['parameter', 'value', 'origin'], card.parameters.map(({ key, value, ...origin }) => [key, value, originOf(origin)]))),
    section('Metrics', [...criteria(card), ...table(['metric', 'value', 'step'], card.metrics.map(({ key, value, step }) => [key, value, step]))]),
    section('Gates and approvals', gates(card)),
    section('Deployments', card.deployments.map(({ deployment, since }) => `- ${escaped(deployment)}, since ${escaped(since)}`)),
    section('Incidents', card.incidents.map(incident)),
    section('Inputs and outputs', signature(card)),
  ];
  return `${sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines];
}

function features({ features: known }: ModelCard): string[] {
  return table(['column', 'feature', 'of the view'], known.map(({ column, feature, view, view_version }) => [column, feature, `${view} version ${view_version}`]));
}

function summary({ owner, stage, aliases, created_at_ms, content, training, latency, provenance }: ModelCard): string[] {
  const { run, code } = training;
  return [
    `- **Owner:** ${escaped(owner)}`,
    `- **Made:** ${new Date(created_at_ms).toISOString()}`,
    `- **Stage and aliases:** ${[stage, ...aliases].map((name) => escaped(name)).join(', ')}`,
    `- **Content:** ${escaped(content.digest === '' ? 'digest not known' : content.digest)}, from ${escaped(content.source)}`,
    ...(run === null ? [] : [`- **Run:** ${escaped(run.run_id)} (${escaped(run.status)})`]),
    ...(code === null ? [] : [`- **Code:** ${escaped(code.commit)}${code.repository === '' ? '' : ` of ${escaped(code.repository)}`}`]),
    ...(latency === null
      ? []
      : [`- **Latency:** median ${latency.p50_latency_ms} ms, 99th percentile ${latency.p99_latency_ms} ms (${escaped(latency.conditions || 'conditions not named')})`]),
    provenance === null
      ? '- **Provenance:** not signed yet'
      : `- **Provenance:** statement ${provenance.statement}, signed ${escaped(provenance.signed_at)}, ${escaped(provenance.payload_digest)}`,
  ];
}

function intendedUse({ intended_use: use }: ModelCard): string[] {
  const tags = [...use.model_tags, ...use.version_tags].map(({ key, value }) => `- ${escaped(key)}: ${escaped(value)}`);
  return [quoted(use.model), quoted(use.version), tags].filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function trainingData({ training, contract }: ModelCard): string[] {
  const { training_set: set, datasets, inputs } = training;
  return [
    ...(set === null ? [] : [trainingSet(set)]),
    ...datasets.map(dataset),
    ...inputs.map(({ name, digest, context }) => `- Input ${escaped(name)} (${escaped(context || 'no context')}), digest ${escaped(digest)}`),
    ...(contract === null
      ? []
      : [`- Contract ${escaped(contract.version)} of ${escaped(contract.dataset)}: ${contract.rows_violating} of ${contract.rows_checked} rows violate it`]),
  ];
}

function dataset({ name, version, certified, quarantined, digest }: ModelCard['training']['datasets'][number]): string {
  const by = certified === null ? '' : ` by ${escaped(certified.by)} under contract ${escaped(certified.contract_version)}`;
  const state = certified === null ? 'not certified' : `certified ${escaped(certified.level)}${by}`;
  return `- Dataset ${escaped(name)} version ${version} (${escaped(digest)}): ${state}${quarantined === null ? '' : `; **quarantined**: ${escaped(quarantined)}`}`;
}

function trainingSet({ name, rows, label, from, to, leakage }: NonNullable<ModelCard['training']['training_set']>): string {
  return `- Training set ${escaped(name)}: ${rows ?? 'unknown'} rows, label ${escaped(label)}, from ${escaped(from)} to ${escaped(to)}; leakage check: ${leakage}`;
}

function originOf({ origin, library, library_version }: { readonly origin: string; readonly library: string; readonly library_version: string }): string {
  return origin === 'default' ? `default of ${library} ${library_version}` : 'set';
}

function criteria({ criteria: judged }: ModelCard): string[] {
  if (judged === null) return [];
  const rows = judged.results.map(({ metric, comparison, required, observed, verdict, sentence }) => [
    metric, `${comparison} ${required ?? 'unknown'}`, observed ?? 'none', verdict, sentence,
  ]);
  return [`Criteria version ${judged.version}: **${escaped(judged.verdict)}**`, '', ...table(['criterion', 'required', 'observed', 'verdict', 'in words'], rows), ''];
}

function gates({ gates: evaluated, approvals }: ModelCard): string[] {
  const asked = evaluated.map(({ target, verdict, outcome, evaluated_at, gates: of }) => {
    const results = of.map(({ gate, verdict: result }) => `${escaped(gate)} ${escaped(result)}`).join(', ');
    return `- ${escaped(target)}: **${escaped(verdict)}**${outcome === '' ? '' : ` (${escaped(outcome)})`}, ${escaped(evaluated_at)}${results === '' ? '' : `: ${results}`}`;
  });
  return [
    ...asked,
    ...approvals.map(({ target, approver, comment, approved_at }) => {
      const said = comment === '' ? '' : `: ${escaped(comment)}`;
      return `- Approved for ${escaped(target)} by ${escaped(approver)}, ${escaped(approved_at)}${said}`;
    }),
  ];
}

function incident({ deployment, sentence, opened_at, resolved_at }: ModelCard['incidents'][number]): string {
  return `- ${escaped(deployment)}: ${escaped(sentence)} Opened ${escaped(opened_at)}, ${resolved_at === null ? '**still open**' : `resolved ${escaped(resolved_at)}`}`;
}

function signature({ signature: known }: ModelCard): string[] {
  if (known === null) return [];
  const rows = (side: string, tensors: (typeof known)['inputs']) =>
    tensors.flatMap(({ name, datatype, shape, columns }) =>
      columns.map(({ column, unit, minimum, maximum }) => [side, name, column, `${datatype} [${shape.join(', ')}]`, unit, minimum ?? '', maximum ?? '']),
    );
  const head = ['side', 'tensor', 'column', 'type', 'unit', 'minimum', 'maximum'];
  const from = known.from === 'version' ? 'As the version declares.' : 'As the MLmodel file beside the model declares.';
  return [from, '', ...table(head, [...rows('input', known.inputs), ...rows('output', known.outputs)])];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly (string | number)[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)];
}
