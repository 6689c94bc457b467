import { deciderSpec } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { ContractCommand } from './commands.js';
import { contract } from './decider.js';
import type { ContractEvent } from './state.js';

const meta = { commandId: 'c', now: '2001-04-01T00:00:00Z', actor: { principal: 'local' }, workspace: 'default', correlationId: 'x' };
const document = (version: string, documentDigest: string) => ({
  contractId: 'c', datasetId: 'd', datasetName: 'flights', version, documentDigest,
  rules: [{ column: 'delay', unit: 'min', minimum: -90, maximum: 1440, pattern: '', required: true, businessName: 'Delay' }],
});
const publish = (version: string, digest: string): ContractCommand => ({ type: 'PublishContract', data: document(version, digest), meta });
const published = (version: string, digest: string): ContractEvent => ({ type: 'cairn.catalog.v1.ContractPublished', data: document(version, digest) });

describe('contract', () => {
  const { given } = deciderSpec(contract);

  it('is published version by version', () => {
    given([]).when(publish('1.0.0', 'a')).then([published('1.0.0', 'a')]);
    given([published('1.0.0', 'a')]).when(publish('1.1.0', 'b')).then([published('1.1.0', 'b')]);
  });

  it('never changes once published', () => {
    given([published('1.0.0', 'a')]).when(publish('1.0.0', 'a')).thenNothing();
    given([published('1.0.0', 'a')]).when(publish('1.0.0', 'b')).thenRefused('CONTRACT_VERSION_EXISTS');
  });
});
