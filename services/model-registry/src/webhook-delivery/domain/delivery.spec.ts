import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import type { Attempt, DeliveryCommand } from './commands.js';
import { webhookDelivery } from './decider.js';
import { outcomeOf, retryAfterMs, type Answer } from './outcome.js';
import type { DeliveryEvent } from './state.js';

const meta = testMeta();
const attempt = (number: number, outcome: string): Attempt => ({
  deliveryId: 'd', webhookId: 'w', attempt: number, outcome, responseStatus: 0, detail: '', retryAt: '',
});
const record = (number: number, outcome = 'retry'): DeliveryCommand => ({ type: 'RecordAttempt', data: attempt(number, outcome), meta });
const attempted = (number: number, outcome = 'retry'): DeliveryEvent => ({ type: 'cairn.registry.v1.WebhookDeliveryAttempted', data: attempt(number, outcome) });
const again = (isWaiting = false): DeliveryCommand => ({ type: 'RequestRedelivery', data: { deliveryId: 'd', webhookId: 'w', isWaiting }, meta });
const requested: DeliveryEvent = { type: 'cairn.registry.v1.WebhookRedeliveryRequested', data: { deliveryId: 'd', webhookId: 'w' } };

describe('webhook delivery', () => {
  const { given } = deciderSpec(webhookDelivery);

  it('records each attempt once, in turn', () => {
    given([]).when(record(1)).then([attempted(1)]);
    given([attempted(1)]).when(record(2, 'delivered')).then([attempted(2, 'delivered')]);
    given([attempted(1)]).when(record(1)).thenRefused('ATTEMPT_OUT_OF_TURN');
    given([attempted(1, 'failed')]).when(record(2)).thenRefused('ATTEMPT_OUT_OF_TURN');
  });

  it('is sent again once it is over', () => {
    given([attempted(1, 'failed')]).when(again()).then([requested]);
    given([attempted(1, 'failed'), requested]).when(record(2)).then([attempted(2)]);
    given([attempted(1)]).when(again(true)).thenNothing();
  });
});

describe('outcomeOf', () => {
  const limits = { maxAttempts: 3, firstRetryMs: 1_000 };
  const answered = (status: number, more: object = {}): Answer => ({ kind: 'answered', status, detail: '', ...more });

  it('delivers with 2xx alone', () => {
    for (const status of [200, 202, 204]) expect(outcomeOf(answered(status), 1, limits)).toEqual({ outcome: 'delivered' });
    for (const status of [301, 302, 307, 400, 401, 404, 410]) expect(outcomeOf(answered(status), 1, limits)).toEqual({ outcome: 'failed' });
    expect(outcomeOf({ kind: 'refused', detail: '' }, 1, limits)).toEqual({ outcome: 'failed' });
  });

  it('waits longer each time, at least as long as it is asked to, up to an hour', () => {
    expect(outcomeOf(answered(503), 1, limits)).toEqual({ outcome: 'retry', waitMs: 1_000 });
    expect(outcomeOf({ kind: 'unanswered', detail: '' }, 2, limits)).toEqual({ outcome: 'retry', waitMs: 2_000 });
    expect(outcomeOf(answered(500), 20, { ...limits, maxAttempts: 99 })).toEqual({ outcome: 'retry', waitMs: 60_000 });
    expect(outcomeOf(answered(429, { retryAfterMs: 5_000 }), 1, limits)).toEqual({ outcome: 'retry', waitMs: 5_000 });
    expect(outcomeOf(answered(429, { retryAfterMs: 1e9 }), 1, limits)).toEqual({ outcome: 'retry', waitMs: 3_600_000 });
    expect(outcomeOf(answered(503), 3, limits)).toEqual({ outcome: 'failed' });
  });

  it('reads Retry-After as seconds or as a date', () => {
    expect(retryAfterMs('7', 0)).toBe(7_000);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:09 GMT', 4_000)).toBe(5_000);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:09 GMT', 60_000)).toBe(0);
    expect(retryAfterMs('soon', 0)).toBeUndefined();
    expect(retryAfterMs(undefined, 0)).toBeUndefined();
  });
});
