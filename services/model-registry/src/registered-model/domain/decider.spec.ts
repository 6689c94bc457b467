import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { RegisteredModelCommand } from './commands.js';
import { registeredModel } from './decider.js';
import type { RegisteredModelEvent } from './state.js';

const meta = testMeta();
const register = (name: string): RegisteredModelCommand => ({ type: 'RegisterModel', data: { modelId: 'm', name, description: '', tags: [] }, meta });
const declare = (alias: string, ...gates: string[]): RegisteredModelCommand => ({ type: 'DeclareGates', data: { alias, gates }, meta });
const add = (versionId: string): RegisteredModelCommand => ({ type: 'AddVersion', data: { versionId }, meta });
const move = (alias: string, versionId: string): RegisteredModelCommand => ({ type: 'MoveAlias', data: { alias, versionId }, meta });
const remove = (alias: string): RegisteredModelCommand => ({ type: 'RemoveAlias', data: { alias }, meta });

const created: RegisteredModelEvent = { type: 'cairn.registry.v1.RegisteredModelCreated', data: { modelId: 'm', name: 'late', description: '', tags: [] } };
const declared = (...gates: string[]): RegisteredModelEvent => ({ type: 'cairn.registry.v1.GatePolicyDeclared', data: { modelId: 'm', alias: 'champion', gates } });
const added = (version: number): RegisteredModelEvent => ({
  type: 'cairn.registry.v1.ModelVersionAdded', data: { modelId: 'm', versionId: `v-${version}`, version },
});
const moved = (version: number, previousVersionId = ''): RegisteredModelEvent => ({
  type: 'cairn.registry.v1.AliasMoved', data: { modelId: 'm', alias: 'champion', versionId: `v-${version}`, version, previousVersionId },
});
const removed: RegisteredModelEvent = { type: 'cairn.registry.v1.AliasRemoved', data: { modelId: 'm', alias: 'champion', previousVersionId: 'v-1' } };

describe('registered model', () => {
  const { given } = deciderSpec(registeredModel);

  it('is registered once, under a name that fits into a path', () => {
    given([]).when(register('late')).then([created]);
    given([created]).when(register('late')).thenRefused('MODEL_EXISTS');
    for (const name of ['', ' ', 'a/b', 'a:b', 'a\nb', 'n'.repeat(257)]) given([]).when(register(name)).thenRefused('INVALID_MODEL_NAME');
  });

  it('is not there before it is registered', () => {
    given([]).when(add('v-1')).thenRefused('MODEL_NOT_FOUND');
    given([]).when(declare('champion')).thenRefused('MODEL_NOT_FOUND');
  });

  it('numbers its versions without a gap', () => {
    given([created]).when(add('v-1')).then([added(1)]);
    given([created, added(1)]).when(add('v-2')).then([added(2)]);
    given([created, added(1)]).when(add('v-1')).thenRefused('VERSION_EXISTS');
  });

  it('says which gates an alias needs', () => {
    given([created]).when(declare('champion', 'criteria-met', 'criteria-met')).then([declared('criteria-met')]);
    given([created, declared('criteria-met')]).when(declare('champion', 'criteria-met')).thenNothing();
    given([created, declared('criteria-met')]).when(declare('champion')).then([declared()]);
    given([created]).when(declare('champion', 'looks-good')).thenRefused('UNKNOWN_GATE', /criteria-met/);
  });

  it('moves an alias from version to version, and takes it away', () => {
    given([created, added(1)]).when(move('champion', 'v-1')).then([moved(1)]);
    given([created, added(1), added(2), moved(1)]).when(move('champion', 'v-2')).then([moved(2, 'v-1')]);
    given([created, added(1), moved(1)]).when(move('champion', 'v-1')).thenNothing();
    given([created, added(1), moved(1)]).when(remove('champion')).then([removed]);
    given([created, added(1), moved(1), removed]).when(remove('champion')).thenNothing();
    given([created]).when(move('champion', 'v-1')).thenRefused('VERSION_NOT_FOUND');
  });

  it('is described and tagged, each once', () => {
    const described: RegisteredModelEvent = { type: 'cairn.registry.v1.ModelDescribed', data: { modelId: 'm', description: 'd' } };
    const tagged: RegisteredModelEvent = { type: 'cairn.registry.v1.ModelTagsSet', data: { modelId: 'm', tags: [{ key: 'k', value: 'v' }] } };
    const untagged: RegisteredModelEvent = { type: 'cairn.registry.v1.ModelTagRemoved', data: { modelId: 'm', key: 'k' } };
    const describeIt: RegisteredModelCommand = { type: 'DescribeModel', data: { description: 'd' }, meta };
    const tag: RegisteredModelCommand = { type: 'SetModelTags', data: { tags: [{ key: 'k', value: 'v' }] }, meta };
    const untag: RegisteredModelCommand = { type: 'RemoveModelTag', data: { key: 'k' }, meta };
    given([created]).when(describeIt).then([described]);
    given([created, described]).when(describeIt).thenNothing();
    given([created]).when(tag).then([tagged]);
    given([created, tagged]).when(tag).thenNothing();
    given([created, tagged]).when(untag).then([untagged]);
    given([created, tagged, untagged]).when(untag).thenNothing();
    given([created, tagged, untagged]).when(tag).then([tagged]);
  });

  it('refuses aliases that MLflow reads as something else', () => {
    for (const alias of ['latest', 'v12', 'V1', 'a b', '', 'a'.repeat(256)]) given([created, added(1)]).when(move(alias, 'v-1')).thenRefused('INVALID_ALIAS');
    given([created]).when(declare('latest')).thenRefused('INVALID_ALIAS');
  });
});
