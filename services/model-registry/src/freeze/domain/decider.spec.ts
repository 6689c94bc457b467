import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { FreezeCommand } from './commands.js';
import { freeze } from './decider.js';
import type { FreezeEvent } from './state.js';

const meta = testMeta();
const data = { freezeId: 'f', modelId: '', from: '2001-12-20T00:00:00.000000Z', to: '2002-01-07T00:00:00.000000Z', reason: 'holidays' };
const declare = (changes: Partial<typeof data> = {}): FreezeCommand => ({ type: 'DeclareFreeze', data: { ...data, ...changes }, meta });
const lift = (reason = 'all are back'): FreezeCommand => ({ type: 'LiftFreeze', data: { reason }, meta });
const declared: FreezeEvent = { type: 'cairn.registry.v1.FreezeDeclared', data };
const lifted: FreezeEvent = { type: 'cairn.registry.v1.FreezeLifted', data: { freezeId: 'f', reason: 'all are back' } };

describe('freeze', () => {
  const { given } = deciderSpec(freeze);

  it('is declared once, with a reason, and ends after it begins', () => {
    given([]).when(declare()).then([declared]);
    given([declared]).when(declare()).thenRefused('FREEZE_EXISTS');
    given([]).when(declare({ reason: ' ' })).thenRefused('INVALID_FREEZE');
    given([]).when(declare({ to: data.from })).thenRefused('INVALID_FREEZE');
  });

  it('is lifted once, with a reason', () => {
    given([declared]).when(lift()).then([lifted]);
    given([declared, lifted]).when(lift()).thenNothing();
    given([declared]).when(lift('')).thenRefused('INVALID_FREEZE');
    given([]).when(lift()).thenRefused('FREEZE_NOT_FOUND');
  });
});
