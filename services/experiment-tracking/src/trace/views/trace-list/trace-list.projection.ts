import { upsertRows, type Projection, type Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { tokenFigures } from '../../../span-log/otlp/figures.js';
import type { Assessment, Tag } from '../../domain/commands.js';
import type { TraceEvent } from '../../domain/state.js';
import { TOKEN_USAGE } from '../../domain/sums.js';
import { AssessmentRow, TraceArtifactRow, TraceLinkRow, TraceRow } from './trace.entity.js';

/** Of which trace a row is. */
interface Key {
  readonly workspace: string;
  readonly traceId: string;
}

const ADD_TAGS = 'UPDATE trace SET tags = tags || $3::jsonb WHERE workspace = $1 AND trace_id = $2';
const ADD_METADATA =
  'UPDATE trace SET metadata = metadata || $3::jsonb, token_usage = coalesce($4::jsonb, token_usage) WHERE workspace = $1 AND trace_id = $2';
const REMOVE_TAG = 'UPDATE trace SET tags = tags - $3::text WHERE workspace = $1 AND trace_id = $2';

/** Traces with what was said of them. */
export class TraceListProjection implements Projection<TraceEvent> {
  readonly name = 'trace-list';
  readonly entities = [TraceRow, AssessmentRow, TraceLinkRow, TraceArtifactRow];
  readonly types = [
    'cairn.tracking.v1.TraceStarted',
    'cairn.tracking.v1.TraceDescribed',
    'cairn.tracking.v1.TraceEnded',
    'cairn.tracking.v1.TraceMetadataSet',
    'cairn.tracking.v1.TraceTagsSet',
    'cairn.tracking.v1.TraceTagRemoved',
    'cairn.tracking.v1.AssessmentLogged',
    'cairn.tracking.v1.AssessmentChanged',
    'cairn.tracking.v1.AssessmentRemoved',
    'cairn.tracking.v1.TraceLinkedToRun',
    'cairn.tracking.v1.TraceLinkedToPrompts',
    'cairn.tracking.v1.TraceArtifactLogged',
    'cairn.tracking.v1.TraceDeleted',
  ] as const;

  /** Most traces are told of at once, from beginning to end: those of a batch are written together. Whatever else comes is written in its turn. */
  async apply(events: readonly Recorded<TraceEvent>[], manager: EntityManager): Promise<void> {
    let fresh = new Map<string, TraceRow>();
    for (const { event, workspace } of events) {
      const key = { workspace, traceId: event.data.traceId };
      const name = JSON.stringify([workspace, key.traceId]);
      const begun = fresh.get(name);
      if (event.type === 'cairn.tracking.v1.TraceStarted') {
        fresh.set(name, startedRow(key, event.data));
      } else if (event.type === 'cairn.tracking.v1.TraceEnded' && begun !== undefined) {
        fresh.set(name, { ...begun, ...endOf(event.data) });
      } else {
        await upsertRows(manager, TraceRow, [...fresh.values()]);
        fresh = new Map();
        await this.change(event, key, manager);
      }
    }
    await upsertRows(manager, TraceRow, [...fresh.values()]);
  }

  private async change(event: Exclude<TraceEvent, Started>, key: Key, manager: EntityManager): Promise<void> {
    const named = [key.workspace, key.traceId];
    switch (event.type) {
      case 'cairn.tracking.v1.TraceDescribed':
        await manager.update(TraceRow, key, columnsOf(event.data));
        await manager.query(ADD_METADATA, [...named, ...metadataColumns(event.data.metadata)]);
        await manager.query(ADD_TAGS, [...named, JSON.stringify(pairsOf(event.data.tags))]);
        return;
      case 'cairn.tracking.v1.TraceEnded':
        await manager.update(TraceRow, key, endOf(event.data));
        return;
      case 'cairn.tracking.v1.TraceMetadataSet':
        await manager.query(ADD_METADATA, [...named, ...metadataColumns(event.data.metadata)]);
        return;
      case 'cairn.tracking.v1.TraceTagsSet':
        await manager.query(ADD_TAGS, [...named, JSON.stringify(pairsOf(event.data.tags))]);
        return;
      case 'cairn.tracking.v1.TraceTagRemoved':
        await manager.query(REMOVE_TAG, [...named, event.data.key]);
        return;
      case 'cairn.tracking.v1.AssessmentLogged':
      case 'cairn.tracking.v1.AssessmentChanged': {
        const { assessment } = event.data;
        if (assessment === undefined) return;
        const overrides = event.type === 'cairn.tracking.v1.AssessmentLogged' ? assessment.overrides : '';
        if (overrides !== '') await manager.update(AssessmentRow, { ...key, assessmentId: overrides }, { valid: false });
        await manager.upsert(AssessmentRow, { ...key, ...rowOf(assessment) }, ['workspace', 'traceId', 'assessmentId']);
        return;
      }
      case 'cairn.tracking.v1.AssessmentRemoved': {
        const { assessmentId, restores } = event.data;
        await manager.delete(AssessmentRow, { ...key, assessmentId });
        if (restores !== '') await manager.update(AssessmentRow, { ...key, assessmentId: restores }, { valid: true });
        return;
      }
      case 'cairn.tracking.v1.TraceLinkedToRun':
        await manager.upsert(TraceLinkRow, { ...key, kind: 'run', target: event.data.runId }, ['workspace', 'traceId', 'kind', 'target']);
        return;
      case 'cairn.tracking.v1.TraceLinkedToPrompts': {
        const links = event.data.prompts.map(({ name, version }) => ({ ...key, kind: 'prompt', target: `${name}/${version}` }));
        await manager.upsert(TraceLinkRow, links, ['workspace', 'traceId', 'kind', 'target']);
        return;
      }
      case 'cairn.tracking.v1.TraceArtifactLogged': {
        const { path, digest, sizeBytes } = event.data;
        await manager.upsert(TraceArtifactRow, { ...key, path, digest, sizeBytes: String(sizeBytes) }, ['workspace', 'traceId', 'path']);
        return;
      }
      case 'cairn.tracking.v1.TraceDeleted':
        await manager.update(TraceRow, key, { ...NOTHING_LEFT });
        for (const entity of [AssessmentRow, TraceLinkRow, TraceArtifactRow]) await manager.delete(entity, key);
        return;
      default: {
        const unhandled: never = event;
        return unhandled;
      }
    }
  }
}

/** What was said of it may be about persons; the mark keeps late spans from bringing it back. */
const NOTHING_LEFT = { deleted: true, clientRequestId: '', userName: '', requestPreview: '', responsePreview: '', metadata: {}, tags: {}, tokenUsage: {} };

type Started = Extract<TraceEvent, { type: 'cairn.tracking.v1.TraceStarted' }>;
type Ended = Extract<TraceEvent, { type: 'cairn.tracking.v1.TraceEnded' }>;
type Described = Extract<TraceEvent, { type: 'cairn.tracking.v1.TraceDescribed' }>['data'];

function startedRow(key: Key, data: Started['data']): TraceRow {
  const { metadata, tags } = data;
  const said = { metadata: pairsOf(metadata), tags: pairsOf(tags), tokenUsage: usageIn(metadata) ?? {} };
  return { ...key, ...columnsOf(data), ...said, durationMs: null, state: 'IN_PROGRESS', responsePreview: '', deleted: false };
}

function endOf({ state, durationMs, responsePreview }: Ended['data']) {
  return { state, durationMs: durationMs === undefined ? null : String(durationMs), responsePreview };
}

function columnsOf({ experimentId, startTimeMs, clientRequestId, user, requestPreview, toldBy }: Described) {
  return { experimentId, startTimeMs: String(startTimeMs), clientRequestId, userName: user, requestPreview, toldByClient: toldBy === 'client' };
}

function rowOf({ assessmentId, name, kind, value, sourceType, sourceId, createTime, lastUpdateTime, spanId, rationale, metadata, overrides, valid }: Assessment) {
  return {
    assessmentId, name, kind, value, sourceType, sourceId, createTime, lastUpdateTime, spanId, rationale, overrides, valid, metadata: pairsOf(metadata),
  };
}

function metadataColumns(metadata: readonly Tag[]): [metadata: string, tokenUsage: string | null] {
  const usage = usageIn(metadata);
  return [JSON.stringify(pairsOf(metadata)), usage === undefined ? null : JSON.stringify(usage)];
}

/** Undefined where nothing is said of tokens; what is said and is no count replaces what was there all the same. */
function usageIn(metadata: readonly Tag[]): TraceRow['tokenUsage'] | undefined {
  const said = metadata.findLast(({ key }) => key === TOKEN_USAGE);
  return said === undefined ? undefined : (tokenFigures(said.value) ?? {});
}

function pairsOf(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
