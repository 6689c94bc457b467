import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { ModelVersionCommand, NewVersion } from './commands.js';
import { modelVersion } from './decider.js';
import type { Evidence } from './evidence.js';
import type { ModelVersionEvent } from './state.js';

const tensor = { name: 'x', datatype: 'FP32', shape: [-1n, 2n], columns: [] };
const version: NewVersion = {
  versionId: 'v', modelId: 'm', modelName: 'late', version: 1, runId: 'r', source: 'runs:/r/model.onnx', digest: 'sha256:a', sizeBytes: 1n,
  signature: { inputs: [tensor], outputs: [tensor] }, trainingSetId: 't', goldenDigest: 'sha256:g', description: '', tags: [],
  storageLocation: '', copiedFromVersionId: '', loggedModelId: '', runLink: '',
};
const evidence: Evidence = { approvers: [], authors: ['ada'], consumers: [], freezes: [] };

const create = (changes: Partial<NewVersion> = {}): ModelVersionCommand => ({ type: 'CreateVersion', data: { ...version, ...changes }, meta: testMeta() });
const approve = (principal: string, { onBehalfOf, approvers = [] }: { onBehalfOf?: string; approvers?: string[] } = {}): ModelVersionCommand => ({
  type: 'ApproveVersion',
  data: { alias: 'champion', comment: 'looked at it', authors: ['training-scheduler', 'ada'], approvers },
  meta: testMeta({ actor: { principal, ...(onBehalfOf !== undefined && { onBehalfOf }) } }),
});
const ask = (type: 'EvaluateGates' | 'PromoteVersion', gates: string[], carriesAlias = false): ModelVersionCommand =>
  type === 'EvaluateGates'
    ? { type, data: { alias: 'champion', gates, evidence }, meta: testMeta() }
    : { type, data: { alias: 'champion', gates, evidence, carriesAlias }, meta: testMeta() };

const created: ModelVersionEvent = { type: 'cairn.registry.v1.ModelVersionCreated', data: version };
const approved: ModelVersionEvent = { type: 'cairn.registry.v1.VersionApproved', data: { versionId: 'v', alias: 'champion', comment: 'looked at it' } };
const signature = { gate: 'signature-present', verdict: 'pass', evidence: 'The signature names 1 inputs and 1 outputs.' };
const approval = { gate: 'approved-by-another', verdict: 'inconclusive', evidence: 'Nobody other than ada, who made it, has approved the version.' };
const evaluated = (verdict: string, ...gates: (typeof signature)[]): ModelVersionEvent => ({
  type: 'cairn.registry.v1.GatesEvaluated', data: { versionId: 'v', alias: 'champion', verdict, gates },
});
const promoted: ModelVersionEvent = { type: 'cairn.registry.v1.VersionPromoted', data: { versionId: 'v', alias: 'champion' } };
const blocked: ModelVersionEvent = {
  type: 'cairn.registry.v1.PromotionBlocked', data: { versionId: 'v', alias: 'champion', gates: ['approved-by-another'] },
};

describe('model version', () => {
  const { given } = deciderSpec(modelVersion);

  it('is created once, from an artifact', () => {
    given([]).when(create()).then([created]);
    given([created]).when(create()).thenRefused('VERSION_EXISTS');
    given([]).when(create({ source: '/etc/passwd' })).thenRefused('INVALID_SOURCE');
    given([]).when(approve('bob')).thenRefused('VERSION_NOT_FOUND');
  });

  it('is approved by somebody who did not make it', () => {
    given([created]).when(approve('bob')).then([approved]);
    given([created]).when(approve('ada')).thenRefused('APPROVER_IS_AUTHOR');
    given([created]).when(approve('training-scheduler')).thenRefused('APPROVER_IS_AUTHOR');
    given([created]).when(approve('bob', { approvers: ['bob'] })).thenNothing();
  });

  it('takes an approval from a person alone, not from a service that acts for one', () => {
    given([created]).when(approve('/training-scheduler', { onBehalfOf: 'ada' })).thenRefused('APPROVAL_NOT_PERSONAL');
    given([created]).when(approve('/training-scheduler', { onBehalfOf: 'bob' })).thenRefused('APPROVAL_NOT_PERSONAL');
  });

  it('is described and tagged, each once', () => {
    const described: ModelVersionEvent = { type: 'cairn.registry.v1.VersionDescribed', data: { versionId: 'v', description: 'd' } };
    const tagged: ModelVersionEvent = { type: 'cairn.registry.v1.VersionTagsSet', data: { versionId: 'v', tags: [{ key: 'k', value: 'v' }] } };
    const untagged: ModelVersionEvent = { type: 'cairn.registry.v1.VersionTagRemoved', data: { versionId: 'v', key: 'k' } };
    const describeIt: ModelVersionCommand = { type: 'DescribeVersion', data: { description: 'd' }, meta: testMeta() };
    const tag: ModelVersionCommand = { type: 'SetVersionTags', data: { tags: [{ key: 'k', value: 'v' }] }, meta: testMeta() };
    const untag: ModelVersionCommand = { type: 'RemoveVersionTag', data: { key: 'k' }, meta: testMeta() };
    given([created]).when(describeIt).then([described]);
    given([created, described]).when(describeIt).thenNothing();
    given([created]).when(tag).then([tagged]);
    given([created, tagged]).when(tag).thenNothing();
    given([created, tagged]).when(untag).then([untagged]);
    given([created, tagged, untagged]).when(untag).thenNothing();
  });

  it('has its gates evaluated without consequence', () => {
    given([created]).when(ask('EvaluateGates', ['signature-present', 'approved-by-another'])).then([evaluated('inconclusive', signature, approval)]);
  });

  it('is promoted when all gates pass', () => {
    given([created]).when(ask('PromoteVersion', ['signature-present'])).then([evaluated('pass', signature), promoted]);
    given([created]).when(ask('PromoteVersion', [])).then([evaluated('pass'), promoted]);
    given([created]).when(ask('PromoteVersion', ['signature-present'], true)).thenNothing();
  });

  it('is blocked by a gate that does not pass, and the record says by which', () => {
    given([created])
      .when(ask('PromoteVersion', ['signature-present', 'approved-by-another']))
      .then([evaluated('inconclusive', signature, approval), blocked]);
  });
});
