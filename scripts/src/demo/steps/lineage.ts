import { DEPLOYMENT, type Demo } from '../context.js';
import { hold } from '../expectation.js';

interface Hop {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly label: string;
  readonly position?: string;
}

interface PredictionPath {
  readonly hops: readonly Hop[];
  readonly source_rows?: { readonly count: number; readonly examples: readonly number[] };
}

interface Graph {
  readonly nodes: readonly { readonly id: string; readonly kind: string; readonly label: string }[];
  readonly edges: readonly unknown[];
}

interface Rebuild {
  readonly identical: boolean;
  readonly tables: readonly { readonly table: string; readonly rows_live: number; readonly differing: number }[];
}

export interface LineageResult {
  readonly hops: number;
  readonly replayIdentical: boolean;
}

const REBUILT = ['catalog', 'features', 'tracking', 'scheduler', 'registry', 'serving', 'monitoring', 'lineage'];

export async function lineageStep({ ana, out }: Demo, predictionId: string, beforeCanary: string): Promise<LineageResult> {
  const path = await ana.get<PredictionPath>(`/lineage/v1/predictions/${predictionId}`);
  out.say(`Prediction ${predictionId}:`);
  for (const line of pathLines(path.hops, path.hops[0]?.from)) out.detail(line);
  if (path.source_rows !== undefined)
    out.detail(`trained on ${path.source_rows.count.toLocaleString('en')} rows, e.g. ${path.source_rows.examples.slice(0, 5).join(', ')}`);
  hold(path.hops.length >= 8, 'the path of a prediction ends before it reaches the data');

  const node = encodeURIComponent(`deployment:${DEPLOYMENT}`);
  const before = await ana.get<Graph>(`/lineage/v1/graph?node=${node}&direction=up&depth=20&as_of_position=${beforeCanary}`);
  const now = await ana.get<Graph>(`/lineage/v1/graph?node=${node}&direction=up&depth=20`);
  out.say(
    `Graph above the deployment: ${before.nodes.length} nodes and ${before.edges.length} edges before the canary ` +
      `(event ${beforeCanary}), ${now.nodes.length} and ${now.edges.length} now`,
  );
  hold(before.nodes.length < now.nodes.length, 'the graph as of an earlier moment is not smaller');

  let replayIdentical = true;
  for (const service of REBUILT) {
    const report = await ana.post<Rebuild>(`/${service}/v1/admin/rebuild`);
    const rows = report.tables.reduce((sum, { rows_live }) => sum + rows_live, 0);
    out.detail(
      `${service.padEnd(10)} ${String(report.tables.length).padStart(2)} tables, ${String(rows).padStart(6)} rows: ${report.identical ? 'identical' : 'DIFFERENT'}`,
    );
    replayIdentical &&= report.identical;
  }
  hold(replayIdentical, 'a read model rebuilt from the log differs from the live one');
  out.good('The whole log, replayed into empty read models, gives the same rows');
  return { hops: path.hops.length, replayIdentical };
}

/** Each node under the one that it made, deeper by two spaces. */
function pathLines(hops: readonly Hop[], from: string | undefined, indent = ''): string[] {
  return hops
    .filter((hop) => hop.from === from)
    .flatMap(({ to, kind, label, position }) => [
      `${indent}← ${kind} ${label}${position === undefined ? '' : `  (event ${position})`}`,
      ...pathLines(hops, to, `${indent}  `),
    ]);
}
