import { deciderSpec } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { DatasetVersionCommand } from './commands.js';
import { datasetVersion } from './decider.js';
import type { DatasetVersionEvent } from './state.js';

const meta = { commandId: 'c', now: '2001-04-01T00:00:00Z', actor: { principal: 'local' }, workspace: 'default', correlationId: 'x' };
const version = {
  versionId: 'v', datasetId: 'd', datasetName: 'flights', version: 1, digest: 'sha256:a', format: 'parquet', sizeBytes: 10n, rowCount: 3n,
  columns: [], derivedFrom: [], origin: 'somewhere', profileDigest: 'sha256:p',
};
const registered: DatasetVersionEvent = { type: 'cairn.catalog.v1.DatasetVersionRegistered', data: version };
const check = (rowsViolating: bigint) => ({
  versionId: 'v', contractId: 'c', contractVersion: '1.0.0', rowsChecked: 3n, rowsViolating,
  violations: rowsViolating === 0n ? [] : [{ column: 'delay', rule: 'minimum', count: rowsViolating, examples: ['{"delay":-1116}'] }],
});
const record = (rowsViolating: bigint): DatasetVersionCommand => ({ type: 'RecordCheck', data: check(rowsViolating), meta });
const checked = (rowsViolating: bigint): DatasetVersionEvent => ({ type: 'cairn.catalog.v1.ContractChecked', data: check(rowsViolating) });
const quarantined: DatasetVersionEvent = {
  type: 'cairn.catalog.v1.DatasetVersionQuarantined', data: { versionId: 'v', reason: '1 of 3 rows break the contract (delay minimum: 1)' },
};
const certify: DatasetVersionCommand = { type: 'CertifyVersion', data: { versionId: 'v', level: 'golden', comment: '' }, meta };
const certified: DatasetVersionEvent = {
  type: 'cairn.catalog.v1.DatasetVersionCertified', data: { versionId: 'v', level: 'golden', comment: '', contractId: 'c', contractVersion: '1.0.0' },
};

describe('dataset version', () => {
  const { given } = deciderSpec(datasetVersion);

  it('is registered once', () => {
    given([]).when({ type: 'RegisterVersion', data: version, meta }).then([registered]);
    given([registered]).when({ type: 'RegisterVersion', data: version, meta }).thenRefused('VERSION_EXISTS');
  });

  it('is quarantined by a violation', () => {
    given([registered]).when(record(1n)).then([checked(1n), quarantined]);
    given([registered]).when(record(0n)).then([checked(0n)]);
    given([]).when(record(0n)).thenRefused('VERSION_NOT_FOUND');
  });

  it('is certified only when every rule held', () => {
    given([registered]).when(certify).thenRefused('CONTRACT_NOT_CHECKED');
    given([registered, checked(1n), quarantined]).when(certify).thenRefused('CONTRACT_VIOLATED');
    given([registered, checked(0n)]).when(certify).then([certified]);
    given([registered, checked(0n), certified]).when(certify).thenNothing();
    given([]).when(certify).thenRefused('VERSION_NOT_FOUND');
  });
});
