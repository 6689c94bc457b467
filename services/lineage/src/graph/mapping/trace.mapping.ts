import type { EventOf, tracking } from '@cairn/contracts';
import { edge, nameAlias, node, nodeId, type EdgeFact, type GraphChange, type NodeId } from './graph-change.js';
import { tagAttributes } from './tag-attributes.js';

export type TraceLogEvent = EventOf<
  | tracking.TraceStarted
  | tracking.TraceDescribed
  | tracking.TraceEnded
  | tracking.TraceMetadataSet
  | tracking.TraceTagsSet
  | tracking.TraceTagRemoved
  | tracking.AssessmentLogged
  | tracking.AssessmentChanged
  | tracking.AssessmentRemoved
  | tracking.TraceLinkedToRun
  | tracking.TraceLinkedToPrompts
  | tracking.TraceArtifactLogged
  | tracking.TraceDeleted
  | tracking.SpanSegmentSealed
>;

export const traceTypes: Readonly<Record<TraceLogEvent['type'], true>> = {
  'cairn.tracking.v1.TraceStarted': true,
  'cairn.tracking.v1.TraceDescribed': true,
  'cairn.tracking.v1.TraceEnded': true,
  'cairn.tracking.v1.TraceMetadataSet': true,
  'cairn.tracking.v1.TraceTagsSet': true,
  'cairn.tracking.v1.TraceTagRemoved': true,
  'cairn.tracking.v1.AssessmentLogged': true,
  'cairn.tracking.v1.AssessmentChanged': true,
  'cairn.tracking.v1.AssessmentRemoved': true,
  'cairn.tracking.v1.TraceLinkedToRun': true,
  'cairn.tracking.v1.TraceLinkedToPrompts': true,
  'cairn.tracking.v1.TraceArtifactLogged': true,
  'cairn.tracking.v1.TraceDeleted': true,
  'cairn.tracking.v1.SpanSegmentSealed': true,
};

/** What was asked and answered is no attribute: the graph is for everybody who asks where something came from. */
export function mapTrace(event: TraceLogEvent, workspace: string): GraphChange {
  if (event.type === 'cairn.tracking.v1.SpanSegmentSealed') {
    const { segmentId, experimentId, digest, sizeBytes, spanCount, traceCount } = event.data;
    const segment = nodeId('segment', segmentId);
    return {
      nodes: [node(segment, `${spanCount} spans`, { digest, size_bytes: sizeBytes, span_count: spanCount, trace_count: traceCount })],
      edges: [edge(nodeId('experiment', experimentId), 'contains', segment)],
    };
  }
  const { traceId } = event.data;
  // A client chooses the id: it names a trace within its workspace.
  const trace = nodeId('trace', workspace === 'default' ? traceId : `${workspace}/${traceId}`);
  switch (event.type) {
    case 'cairn.tracking.v1.TraceStarted':
    case 'cairn.tracking.v1.TraceDescribed': {
      const { experimentId, metadata, tags, toldBy } = event.data;
      const { 'mlflow.traceName': name = traceId } = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
      return {
        nodes: [node(trace, name === '' ? traceId : name, { told_by: toldBy, ...tagAttributes(tags) })],
        edges: [edge(nodeId('experiment', experimentId), 'contains', trace), ...edgesOfMetadata(trace, metadata)],
      };
    }
    case 'cairn.tracking.v1.TraceEnded':
      return { nodes: [node(trace, traceId, { state: event.data.state, duration_ms: event.data.durationMs })] };
    case 'cairn.tracking.v1.TraceMetadataSet':
      return { nodes: [node(trace, traceId)], edges: edgesOfMetadata(trace, event.data.metadata) };
    case 'cairn.tracking.v1.TraceTagsSet':
      return { nodes: [node(trace, traceId, tagAttributes(event.data.tags))] };
    case 'cairn.tracking.v1.TraceTagRemoved':
      return { nodes: [node(trace, traceId, { [`tag.${event.data.key}`]: null })] };
    case 'cairn.tracking.v1.AssessmentLogged':
    case 'cairn.tracking.v1.AssessmentChanged': {
      const { assessment } = event.data;
      if (assessment === undefined) return { nodes: [node(trace, traceId)] };
      const { assessmentId, name, kind, sourceType } = assessment;
      return { nodes: [node(trace, traceId, { [`assessment.${assessmentId}`]: { name, kind, source_type: sourceType } })] };
    }
    case 'cairn.tracking.v1.AssessmentRemoved':
      return { nodes: [node(trace, traceId, { [`assessment.${event.data.assessmentId}`]: null })] };
    case 'cairn.tracking.v1.TraceLinkedToRun':
      return { nodes: [node(trace, traceId)], edges: [edge(nodeId('run', event.data.runId), 'traced', trace)] };
    case 'cairn.tracking.v1.TraceLinkedToPrompts': {
      const { prompts } = event.data;
      return {
        nodes: [node(trace, traceId, { prompts: prompts.map(({ name, version }) => `${name}/${version}`) })],
        edges: prompts.map(({ name, version }) => edge({ alias: nameAlias('model-version', workspace, `${name}/${version}`) }, 'prompted', trace)),
      };
    }
    case 'cairn.tracking.v1.TraceArtifactLogged':
      return { nodes: [node(trace, traceId, { [`artifact.${event.data.path}`]: event.data.digest })] };
    case 'cairn.tracking.v1.TraceDeleted':
      return { nodes: [node(trace, traceId, { deleted: true })] };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

const HEX_32 = /^[0-9a-f]{32}$/;
const MODEL_ID = /^m-[0-9a-f]{32}$/;

/** Metadata by which a client says which run and which model a trace is of. */
function edgesOfMetadata(trace: NodeId, metadata: readonly { readonly key: string; readonly value: string }[]): EdgeFact[] {
  return metadata.flatMap(({ key, value }) => {
    if (key === 'mlflow.sourceRun' && HEX_32.test(value)) return [edge(nodeId('run', value), 'traced', trace)];
    if (key === 'mlflow.modelId' && MODEL_ID.test(value)) return [edge(nodeId('logged-model', value), 'answered', trace)];
    return [];
  });
}
