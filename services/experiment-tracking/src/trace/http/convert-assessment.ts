import { derivedId } from '@cairn/kernel';
import { Fields, invalidParameter } from '@cairn/mlflow';
import type { Assessment, ChangeAssessment } from '../domain/commands.js';
import type { AssessmentRow } from '../views/trace-list/trace.entity.js';
import { cut, isRecord, jsonText, missing, objectIn, tagsOfMap, timeOf, type Source } from './trace-fields.js';

const KINDS = ['feedback', 'expectation', 'issue'] as const;
const SOURCE_TYPES: readonly string[] = ['HUMAN', 'LLM_JUDGE', 'CODE', 'AI_JUDGE', 'SOURCE_TYPE_UNSPECIFIED'];
const ASSESSMENT_ID = /^[\w.-]{1,64}$/;
const MAX_NAME_LENGTH = 250;
const MAX_RATIONALE_LENGTH = 20_000;

/** What an assessment's id follows from when the client names none: `seed` is another for every command, and the same when a command comes again. */
interface Origin {
  readonly traceId: string;
  readonly now: string;
  readonly seed: string;
}

/** Throws INVALID_PARAMETER_VALUE. */
export function convertAssessment(source: Source, { traceId, now, seed }: Origin): Assessment {
  const fields = new Fields(source);
  const [kind, value] = kindAndValue(source);
  const by = new Fields(objectIn(source, 'source'));
  const sourceType = by.optionalText('source_type') ?? 'CODE';
  if (!SOURCE_TYPES.includes(sourceType)) throw invalidParameter(`Invalid value for parameter 'source_type' supplied: it is one of ${SOURCE_TYPES.join(', ')}.`);
  const createTime = fields.optionalText('create_time') ?? now;
  return {
    assessmentId: assessmentIdOf(fields, derivedId('assessment', traceId, seed)),
    name: nameOf(fields.optionalText('assessment_name') ?? kind),
    kind,
    value,
    sourceType,
    sourceId: cut(by.optionalText('source_id') ?? 'default', MAX_NAME_LENGTH),
    createTime: timeText(createTime, 'create_time'),
    lastUpdateTime: timeText(fields.optionalText('last_update_time') ?? createTime, 'last_update_time'),
    spanId: cut(fields.optionalText('span_id') ?? '', MAX_NAME_LENGTH),
    rationale: cut(fields.optionalText('rationale') ?? '', MAX_RATIONALE_LENGTH),
    metadata: tagsOfMap(objectIn(source, 'metadata')),
    overrides: cut(fields.optionalText('overrides') ?? '', MAX_NAME_LENGTH),
    valid: true,
  };
}

/** The fields that `update_mask` names, alone: a FieldMask is a text of names with commas in JSON. */
export function convertAssessmentChange(body: unknown, assessmentId: string): ChangeAssessment['data'] {
  const source = objectIn(body, 'assessment');
  const fields = new Fields(source);
  const mask = maskOf(isRecord(body) ? body['update_mask'] : undefined);
  const [kind, value] = mask.has('expectation') || mask.has('feedback') ? kindAndValue(source) : [undefined, undefined];
  return {
    assessmentId,
    ...(mask.has('assessment_name') && { name: nameOf(fields.text('assessment_name')) }),
    ...(kind !== undefined && value !== undefined && { kind, value }),
    ...(mask.has('rationale') && { rationale: cut(fields.optionalText('rationale') ?? '', MAX_RATIONALE_LENGTH) }),
    ...(mask.has('metadata') && { metadata: tagsOfMap(objectIn(source, 'metadata')) }),
  };
}

export function convertAssessmentRow(row: AssessmentRow) {
  return {
    assessment_id: row.assessmentId,
    assessment_name: row.name,
    trace_id: row.traceId,
    ...(row.spanId !== '' && { span_id: row.spanId }),
    source: { source_type: row.sourceType, source_id: row.sourceId },
    create_time: row.createTime,
    last_update_time: row.lastUpdateTime,
    [row.kind]: JSON.parse(row.value) as unknown,
    ...(row.rationale !== '' && { rationale: row.rationale }),
    ...(Object.keys(row.metadata).length > 0 && { metadata: row.metadata }),
    ...(row.overrides !== '' && { overrides: row.overrides }),
    valid: row.valid,
  };
}

function maskOf(mask: unknown): ReadonlySet<string> {
  const paths = isRecord(mask) ? mask['paths'] : mask;
  const names = typeof paths === 'string' ? paths.split(',') : Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
  // protobuf writes the names of a mask in lowerCamelCase.
  const set = new Set(names.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
  if (set.size === 0) throw missing('update_mask');
  return set;
}

function kindAndValue(source: Source): [kind: string, value: string] {
  const kinds = KINDS.filter((kind) => source[kind] !== undefined && source[kind] !== null);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) throw invalidParameter('Exactly one of `expectation`, `feedback`, or `issue` should be specified.');
  const value = source[kind];
  if (!isRecord(value)) throw invalidParameter(`Invalid value for parameter '${kind}' supplied: it must be an object with a value.`);
  return [kind, jsonText(value, kind)];
}

function nameOf(name: string): string {
  if (name !== '' && name.length <= MAX_NAME_LENGTH) return name;
  throw invalidParameter(`The name of an assessment has 1 to ${MAX_NAME_LENGTH} characters.`);
}

function assessmentIdOf(fields: Fields, derived: string): string {
  const given = fields.optionalText('assessment_id') ?? '';
  if (given === '') return `a-${derived.replaceAll('-', '')}`;
  if (!ASSESSMENT_ID.test(given)) throw invalidParameter("Invalid value for parameter 'assessment_id' supplied: it has 1 to 64 letters, digits and the signs _ . -.");
  return given;
}

function timeText(time: string, name: string): string {
  return new Date(timeOf(time, name)).toISOString();
}
