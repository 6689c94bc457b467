import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { SignStatement } from './commands.js';
import { provenance } from './decider.js';
import type { ProvenanceEvent } from './state.js';

const data = { versionId: 'v', payloadDigest: 'sha256:1', envelopeDigest: 'sha256:e', keyId: 'k', missing: ['No run is known.'] };
const sign = (mode: 'first' | 'renewed', changes: Partial<typeof data> = {}): SignStatement => ({ type: 'SignStatement', data: { ...data, ...changes, mode }, meta: testMeta() });
const signed = (number: number, changes: Partial<typeof data> = {}): ProvenanceEvent => ({ type: 'cairn.registry.v1.ProvenanceSigned', data: { ...data, ...changes, number } });

describe('provenance', () => {
  const { given } = deciderSpec(provenance);

  it('is signed once for whoever asks for it, whatever was learnt since', () => {
    given([]).when(sign('first')).then([signed(1)]);
    given([signed(1)]).when(sign('first', { payloadDigest: 'sha256:2' })).thenNothing();
  });

  it('is signed again under the next number when facts or the key changed, and only then', () => {
    given([]).when(sign('renewed')).then([signed(1)]);
    given([signed(1)]).when(sign('renewed')).thenNothing();
    given([signed(1)]).when(sign('renewed', { payloadDigest: 'sha256:2' })).then([signed(2, { payloadDigest: 'sha256:2' })]);
    given([signed(1), signed(2)]).when(sign('renewed', { keyId: 'l' })).then([signed(3, { keyId: 'l' })]);
  });

  it('has a last number', () => {
    given([signed(1_000)]).when(sign('renewed', { keyId: 'l' })).thenRefused('TOO_MANY_STATEMENTS');
  });
});
