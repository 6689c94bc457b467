import { EventStoreError, type EventStoreErrorCode } from '@cairn/event-store';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { ProblemFilter } from './problem.filter.js';

/** What the filter asks of a reply, written down. */
function answerTo(error: unknown): { status: number; headers: Record<string, unknown>; body: Record<string, unknown> } {
  const answer = { status: 0, headers: {} as Record<string, unknown>, body: {} as Record<string, unknown> };
  const reply = {
    sent: false,
    header: (name: string, value: unknown) => ((answer.headers[name] = value), reply),
    code: (status: number) => ((answer.status = status), reply),
    type: () => reply,
    send: (text: string) => ((answer.body = JSON.parse(text)), reply),
  };
  new ProblemFilter(pino({ level: 'silent' })).catch(error, new ExecutionContextHost([{ method: 'POST', url: '/v1/things' }, reply]));
  return answer;
}

it.each([
  ['OVERLOADED', 503, 1],
  ['UNAVAILABLE', 503, 1],
  ['REVISION_CONFLICT', 409, undefined],
  ['INVALID_EVENT', 400, undefined],
  ['ARCHIVE_UNREADABLE', 500, undefined],
] as [EventStoreErrorCode, number, number | undefined][])('answers %s of the event store with %i and Retry-After %s', (code, status, retryAfter) => {
  const answer = answerTo(new EventStoreError(code, 'for the log'));
  expect(answer.status).toBe(status);
  expect(answer.headers['retry-after']).toBe(retryAfter);
  expect(answer.body).toMatchObject({ status, code: `EVENT_STORE_${code}`, instance: '/v1/things' });
});
