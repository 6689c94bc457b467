import { OnlineFeaturesError, type OnlineColumn, type OnlineFeatures, type OnlineQuestion } from './online-features.js';

/** Of one call: what the feature store takes. */
export const MAX_CALL_ROWS = 16_384;
export const MAX_CALL_VALUES = 1_000_000;
/** Of all keys of a call, in UTF-8: written as JSON they are at most six times as long, which fits into the 4 MiB that the feature store reads. */
export const MAX_CALL_KEY_BYTES = 512 * 1024;

const CALLS_AT_ONCE = 2;
/** Of one feature service; above it requests are refused at once. */
export const MAX_WAITING = 1_024;

interface Waiting {
  readonly question: OnlineQuestion;
  readonly keyBytes: number;
  readonly resolve: (columns: ReadonlyMap<string, OnlineColumn>) => void;
  readonly reject: (error: unknown) => void;
}

interface Group {
  waiting: Waiting[];
  underWay: number;
}

/**
 * Questions about the same version of a feature service that wait at the same time share a call. Nobody waits for others: while fewer than two calls are under way, a question
 * goes out at once, so questions gather only while the store is busy.
 */
export class SharedLookUps implements OnlineFeatures {
  private readonly groups = new Map<string, Group>();

  constructor(private readonly inner: OnlineFeatures) {}

  lookUp(question: OnlineQuestion): Promise<ReadonlyMap<string, OnlineColumn>> {
    const { workspace, service, version, columns } = question;
    const key = JSON.stringify([workspace, service, version, columns]);
    const group = this.groups.get(key) ?? { waiting: [], underWay: 0 };
    this.groups.set(key, group);
    if (group.waiting.length >= MAX_WAITING) return Promise.reject(new OnlineFeaturesError('UNAVAILABLE', 'too many requests wait for the feature store'));
    return new Promise((resolve, reject) => {
      group.waiting.push({ question, keyBytes: keyBytesOf(question), resolve, reject });
      if (group.underWay < CALLS_AT_ONCE) void this.drain(key, group);
    });
  }

  /** Never rejects: a failure is told to those who shared the call. */
  private async drain(key: string, group: Group): Promise<void> {
    group.underWay += 1;
    while (group.waiting.length > 0) {
      const sharing = takeCall(group);
      try {
        const answered = await this.inner.lookUp(merged(sharing.map(({ question }) => question)));
        let from = 0;
        for (const { question, resolve } of sharing) {
          resolve(rowsOf(answered, from, from + question.rows));
          from += question.rows;
        }
      } catch (error) {
        for (const { reject } of sharing) reject(error);
      }
    }
    group.underWay -= 1;
    if (group.underWay === 0) this.groups.delete(key);
  }
}

/** As many as fit into one call, and one at least. */
function takeCall(group: Group): Waiting[] {
  let [rows, bytes, count] = [0, 0, 0];
  for (const { question, keyBytes } of group.waiting) {
    rows += question.rows;
    bytes += keyBytes;
    if (count > 0 && (rows > maxRowsOf(question) || bytes > MAX_CALL_KEY_BYTES)) break;
    count += 1;
  }
  return group.waiting.splice(0, count);
}

/** Rows of one call for so many columns. */
export function maxRowsOf({ columns }: Pick<OnlineQuestion, 'columns'>): number {
  return Math.min(MAX_CALL_ROWS, Math.floor(MAX_CALL_VALUES / Math.max(1, columns.length)));
}

export function keyBytesOf({ entities }: Pick<OnlineQuestion, 'entities'>): number {
  let bytes = 0;
  for (const keys of entities.values()) for (const key of keys) bytes += Buffer.byteLength(key);
  return bytes;
}

function merged(questions: readonly OnlineQuestion[]): OnlineQuestion {
  const [first, ...others] = questions;
  if (first === undefined) throw new TypeError('a call is made for at least one question');
  if (others.length === 0) return first;
  const entities = new Map([...first.entities.keys()].map((name) => [name, questions.flatMap((question) => question.entities.get(name) ?? [])]));
  return { ...first, entities, rows: questions.reduce((rows, question) => rows + question.rows, 0) };
}

function rowsOf(columns: ReadonlyMap<string, OnlineColumn>, from: number, to: number): ReadonlyMap<string, OnlineColumn> {
  const sliced = ({ values, statuses, times }: OnlineColumn): OnlineColumn => ({
    values: values.slice(from, to), statuses: statuses.slice(from, to), times: times.slice(from, to),
  });
  return new Map([...columns].map(([name, column]) => [name, sliced(column)]));
}
