import { deciderSpec } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { TriggerCommand } from './commands.js';
import { trigger } from './decider.js';
import type { TriggerEvent } from './state.js';

const meta = { commandId: 'c', now: '2001-04-01T00:00:00Z', actor: { principal: 'local' }, workspace: 'default', correlationId: 'x' };
const data = {
  triggerId: 't', name: 'retrain', on: 'incident-opened', monitorName: 'm',
  spec: { name: 'train', program: 'flight-delay', arguments: [], environment: {}, maxAttempts: 1, timeoutSeconds: 60, priority: 0, queue: 'default' },
};
const declare: TriggerCommand = { type: 'DeclareTrigger', data, meta };
const declared: TriggerEvent = { type: 'cairn.scheduler.v1.TriggerDeclared', data };
const firing = { triggerId: 't', jobId: 'j', causeEventId: 'e', incidentId: 'i' };
const fire: TriggerCommand = { type: 'FireTrigger', data: firing, meta };
const fired: TriggerEvent = { type: 'cairn.scheduler.v1.TriggerFired', data: firing };

describe('trigger', () => {
  const { given } = deciderSpec(trigger);

  it('is declared once, with a job', () => {
    given([]).when(declare).then([declared]);
    given([declared]).when(declare).thenRefused('TRIGGER_EXISTS');
    given([]).when({ ...declare, data: { ...data, spec: undefined } }).thenRefused('INVALID_TRIGGER');
  });

  it('fires once per incident', () => {
    given([declared]).when(fire).then([fired]);
    given([declared, fired]).when(fire).thenNothing();
    given([]).when(fire).thenRefused('TRIGGER_NOT_FOUND');
  });
});
