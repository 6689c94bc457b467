import type { JsonObject } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { nodeId } from '../../graph/mapping/graph-change.js';
import { GraphQuery, type GraphNode } from '../../graph/views/graph/graph.query.js';
import { MomentQuery } from '../../graph/views/graph/moment.query.js';
import { evidenceError } from './evidence-error.js';
import { PredictionRowFinder, type FoundPrediction } from './prediction-row.js';
import { SourceRowsQuery, type SourceRows } from './source-rows.js';
import { kindOf, walkUpstream, type Hop } from './upstream-walk.js';

export interface PredictionTrace {
  readonly row: JsonObject;
  readonly segmentId: string;
  /** From the prediction to its data, nearest first. */
  readonly hops: readonly Hop[];
  /** The nodes that the hops lead to, as they were when the prediction was sealed. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly sourceRows: SourceRows | undefined;
  /** The path ends at data that came from outside, with nothing missing between. */
  readonly complete: boolean;
}

/** From one prediction to the rows it was learnt from. */
@Injectable()
export class PredictionTraceQuery {
  constructor(
    @Inject(PredictionRowFinder) private readonly finder: PredictionRowFinder,
    @Inject(GraphQuery) private readonly graph: GraphQuery,
    @Inject(SourceRowsQuery) private readonly sources: SourceRowsQuery,
    @Inject(MomentQuery) private readonly moment: MomentQuery,
  ) {}

  /** Throws INVALID_PREDICTION_ID, PREDICTION_NOT_FOUND, or what evidenceError says about a file. */
  async of(workspace: string, predictionId: string): Promise<PredictionTrace> {
    try {
      await this.moment.positionOf({});
      return await this.trace(workspace, predictionId, await this.finder.find(workspace, predictionId));
    } catch (error) {
      throw evidenceError(error);
    }
  }

  private async trace(workspace: string, predictionId: string, { segment, row }: FoundPrediction): Promise<PredictionTrace> {
    // Later events can't have made the prediction what it is: the answer stays the same for ever.
    const position = BigInt(segment.position);
    const segmentNode = nodeId('segment', segment.segmentId);
    const sealed = { position: segment.position, eventId: segment.eventId, eventType: 'cairn.serving.v1.InferenceSegmentSealed', time: segment.time };
    const hops: Hop[] = [{ from: `prediction:${predictionId}`, to: segmentNode, relation: 'recorded-in', ...sealed }];
    const version = typeof row['version_id'] === 'string' && row['version_id'] !== '' ? nodeId('model-version', row['version_id']) : undefined;
    if (version !== undefined) {
      hops.push({ from: segmentNode, to: version, relation: 'answered-in', ...sealed });
      hops.push(...(await walkUpstream(version, (ids) => this.graph.edgesInto(ids, position))));
    }
    const nodes = new Map((await this.graph.nodes(workspace, hops.map(({ to }) => to), position)).map((node) => [node.id, node]));
    const known = hops.filter(({ to }) => nodes.has(to));
    const trainingSet = trainingSetOf(known);
    const versions = trainingSet === undefined ? [] : lineOfVersions(known, trainingSet, nodes);
    const training = trainingSet === undefined ? undefined : nodes.get(trainingSet);
    return {
      row,
      segmentId: segment.segmentId,
      hops: known,
      nodes,
      sourceRows: training === undefined ? undefined : await this.sources.of(training, versions),
      complete: known.length === hops.length && known.some(({ to }) => kindOf(to) === 'run') && isFromOutside(versions.at(-1)),
    };
  }
}

/** The one that the version or its run was trained on; a run may have been validated on others. */
function trainingSetOf(hops: readonly Hop[]): string | undefined {
  return hops.find(({ to, relation }) => kindOf(to) === 'training-set' && relation === 'trained')?.to;
}

/** The dataset version that a training set was sampled from, its first parent, and so on. */
function lineOfVersions(hops: readonly Hop[], trainingSet: string, nodes: ReadonlyMap<string, GraphNode>): GraphNode[] {
  const line: GraphNode[] = [];
  for (let at: string | undefined = trainingSet; at !== undefined && line.length < hops.length; ) {
    const from: string = at;
    at = hops.find((hop) => hop.from === from && kindOf(hop.to) === 'dataset-version')?.to;
    const node = at === undefined ? undefined : nodes.get(at);
    if (node !== undefined) line.push(node);
  }
  return line;
}

function isFromOutside(version: GraphNode | undefined): boolean {
  const parents = version?.attributes['derived_from'];
  return Array.isArray(parents) && parents.length === 0;
}
