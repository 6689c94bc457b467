import { FixedClock, newId } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import { handlerNameOf } from './handler-name.js';
import type { Delivery } from './delivery.js';
import { policyMeta } from './policy-meta.js';

const delivery: Delivery = {
  event: { type: 'cairn.registry.v1.VersionPromoted', data: {} },
  id: newId(),
  position: 7n,
  stream: 'model-version-x',
  revision: 0n,
  time: '2026-01-01T00:00:00.000000Z',
  workspace: 'fraud',
  actor: { principal: 'ada' },
  source: '/model-registry',
  correlationId: newId(),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  attempt: 1,
  service: 'serving',
};
const clock = new FixedClock('2026-01-02T00:00:00.000000Z');

describe('the metadata of a reaction', () => {
  it('names the service, on behalf of whoever caused the event', () => {
    expect(policyMeta(delivery, 'on-version-promoted', undefined, clock)).toMatchObject({
      now: clock.time,
      actor: { principal: 'service:serving', onBehalfOf: 'ada' },
      workspace: 'fraud',
      correlationId: delivery.correlationId,
      causationId: delivery.id,
      traceparent: delivery.traceparent,
    });
  });

  it('keeps the person at the beginning of a chain of services', () => {
    const chained = { ...delivery, actor: { principal: 'service:model-registry', onBehalfOf: 'ada' } };
    expect(policyMeta(chained, 'x').actor).toEqual({ principal: 'service:serving', onBehalfOf: 'ada' });
  });

  it('names the command by service, handler and event, so that a second run is the same command', () => {
    const id = (handler: string, from = delivery, service?: string) => policyMeta(from, handler, service).commandId;
    expect(id('a')).toBe(id('a', { ...delivery, attempt: 2 }));
    expect(new Set([id('a'), id('b'), id('a', { ...delivery, id: newId() }), id('a', delivery, 'lineage')]).size).toBe(4);
  });
});

describe('the name of a handler', () => {
  it.each([
    ['OnRunFinished', 'handle', 'on-run-finished'],
    ['OnRunFinished', 'closeJob', 'on-run-finished-close-job'],
    ['OnGPUQuotaChanged', 'handle', 'on-gpu-quota-changed'],
  ])('of %s.%s is %s', (className, method, name) => {
    expect(handlerNameOf(className, method)).toBe(name);
  });
});
