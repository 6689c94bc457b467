import type { MessageHandler } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { JetStreamStrategy } from './jetstream-strategy.js';
import { NatsLink } from './nats/nats-link.js';
import { specLogger } from './testing/claim-service.js';
import { NAME_CLAIMED } from './testing/claims.js';

const handler: MessageHandler = () => Promise.resolve();

function newStrategy(): JetStreamStrategy {
  return new JetStreamStrategy({ service: 'serving', link: new NatsLink({ url: 'nats://127.0.0.1:1', name: 'spec', logger: specLogger }), logger: specLogger });
}

describe('the transport of events', () => {
  it('lets failures through, which Nest would log and forget', () => {
    expect(newStrategy().propagatesEventHandlerErrors).toBe(true);
  });

  it.each([
    ['a message pattern', NAME_CLAIMED, false, { handler: 'x' }],
    ['an event pattern of Nest itself', NAME_CLAIMED, true, {}],
    ['a pattern that is an object', { cmd: 'x' }, true, { handler: 'x' }],
  ])('takes no %s', (_, pattern, isEvent, extras) => {
    expect(() => newStrategy().addHandler(pattern, handler, isEvent, extras)).toThrow(expect.objectContaining({ code: 'INVALID_HANDLER' }));
  });

  it('does not start with two handlers that would share their events', () => {
    const strategy = newStrategy();
    strategy.addHandler(NAME_CLAIMED, handler, true, { handler: 'on-name-claimed' });
    strategy.addHandler(NAME_CLAIMED, handler, true, { handler: 'on-name-claimed' });
    let failure: unknown;
    strategy.listen((error) => {
      failure = error;
    });
    expect(failure).toMatchObject({ code: 'INVALID_HANDLER', message: expect.stringContaining('serving_on-name-claimed') });
  });

  it('does not start with a type that is no event type', () => {
    const strategy = newStrategy();
    strategy.addHandler('NameClaimed', handler, true, { handler: 'x' });
    let failure: unknown;
    strategy.listen((error) => {
      failure = error;
    });
    expect(failure).toMatchObject({ code: 'INVALID_HANDLER' });
  });
});
