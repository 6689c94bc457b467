import { EventStoreError, type EventStoreErrorCode } from '@cairn/event-store';
import { ObjectStoreError, type ObjectStoreErrorCode } from '@cairn/object-store';
import { TabularError, type TabularErrorCode } from '@cairn/tabular';

/** How an error of one of our libraries reads at the edge: status, stable code, and words for the caller. */
export interface LibraryProblem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const eventStoreProblems: Readonly<Record<Exclude<EventStoreErrorCode, 'INVALID_EVENT' | 'ARCHIVE_UNREADABLE'>, readonly [status: number, detail: string]>> = {
  REVISION_CONFLICT: [409, 'Somebody else changed this at the same time.'],
  OVERLOADED: [503, 'Too many changes are waiting to be recorded.'],
  UNAVAILABLE: [503, 'The event store can’t be reached. Whether the change was recorded is unknown: send it again with the same Idempotency-Key.'],
};

const objectStoreProblems: Readonly<Record<ObjectStoreErrorCode, readonly [status: number, detail: string]>> = {
  NOT_FOUND: [404, 'Nothing is stored under this digest.'],
  DIGEST_MISMATCH: [500, 'The stored content is not what its digest says. It was not used.'],
  TOO_LARGE: [413, 'The content is larger than allowed.'],
  UNAVAILABLE: [503, 'The object store can’t be reached.'],
};

/** Its messages are written for callers of an API; they name columns and expressions. */
const tabularStatuses: Readonly<Record<TabularErrorCode, number>> = {
  INVALID_EXPRESSION: 400,
  UNKNOWN_COLUMN: 422,
  QUERY_FAILED: 422,
  RESULT_TOO_LARGE: 422,
  FILE_UNREADABLE: 422,
  CANCELLED: 503,
  ENGINE_CRASHED: 503,
  BUSY: 503,
  CLOSED: 503,
};

export function libraryProblem(error: unknown): LibraryProblem | undefined {
  if (error instanceof EventStoreError) return eventStoreProblem(error);
  if (error instanceof ObjectStoreError) return of(`OBJECT_${error.code}`, objectStoreProblems[error.code]);
  if (error instanceof TabularError) return of(`TABULAR_${error.code}`, [tabularStatuses[error.code], error.message]);
  return undefined;
}

function eventStoreProblem({ code, message }: EventStoreError): LibraryProblem {
  // They say what is wrong with the data that the caller sent, and which events can't be read.
  if (code === 'ARCHIVE_UNREADABLE') return of(`EVENT_STORE_${code}`, [500, message]);
  return of(`EVENT_STORE_${code}`, code === 'INVALID_EVENT' ? [400, message] : eventStoreProblems[code]);
}

function of(code: string, [status, detail]: readonly [number, string]): LibraryProblem {
  return { status, code, detail };
}
