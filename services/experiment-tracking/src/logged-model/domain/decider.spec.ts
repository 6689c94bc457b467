import { deciderSpec } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { CreateLoggedModel, LoggedModelCommand, Param, Tag } from './commands.js';
import { loggedModel } from './decider.js';
import type { LoggedModelEvent } from './state.js';

const meta = { commandId: 'c', now: '2001-04-01T00:00:00Z', actor: { principal: 'local' }, workspace: 'default', correlationId: 'x' };
const beginning: CreateLoggedModel['data'] = { modelId: 'm-1', experimentId: 'e', name: 'late', modelType: '', sourceRunId: 'r', tags: [], params: [] };

const create = (changes: Partial<CreateLoggedModel['data']> = {}): LoggedModelCommand => ({ type: 'CreateLoggedModel', data: { ...beginning, ...changes }, meta });
const logParams = (...params: Param[]): LoggedModelCommand => ({ type: 'LogModelParams', data: { params }, meta });
const finalize = (status: string): LoggedModelCommand => ({ type: 'FinalizeLoggedModel', data: { status }, meta });
const setTags = (...tags: Tag[]): LoggedModelCommand => ({ type: 'SetModelTags', data: { tags }, meta });
const removeTag: LoggedModelCommand = { type: 'RemoveModelTag', data: { key: 't' }, meta };
const remove: LoggedModelCommand = { type: 'DeleteLoggedModel', data: {}, meta };
const logArtifact = (path: string, digest = 'sha256:a'): LoggedModelCommand => ({ type: 'LogModelArtifact', data: { path, digest, sizeBytes: 1n }, meta });
const removeArtifact = (path: string): LoggedModelCommand => ({ type: 'RemoveModelArtifact', data: { path }, meta });

const created = (changes: Partial<CreateLoggedModel['data']> = {}): LoggedModelEvent => ({
  type: 'cairn.tracking.v1.LoggedModelCreated', data: { ...beginning, ...changes },
});
const params = (...some: Param[]): LoggedModelEvent => ({ type: 'cairn.tracking.v1.LoggedModelParamsLogged', data: { modelId: 'm-1', params: some } });
const tags = (...some: Tag[]): LoggedModelEvent => ({ type: 'cairn.tracking.v1.LoggedModelTagsSet', data: { modelId: 'm-1', tags: some } });
const finalized = (status: string): LoggedModelEvent => ({ type: 'cairn.tracking.v1.LoggedModelFinalized', data: { modelId: 'm-1', status } });
const deleted: LoggedModelEvent = { type: 'cairn.tracking.v1.LoggedModelDeleted', data: { modelId: 'm-1' } };
const artifact = (path: string, digest = 'sha256:a'): LoggedModelEvent => ({
  type: 'cairn.tracking.v1.LoggedModelArtifactLogged', data: { modelId: 'm-1', path, digest, sizeBytes: 1n },
});
const artifactRemoved = (path: string): LoggedModelEvent => ({ type: 'cairn.tracking.v1.LoggedModelArtifactRemoved', data: { modelId: 'm-1', path } });

describe('logged model', () => {
  const { given } = deciderSpec(loggedModel);

  it('is created once, with its tags and parameters', () => {
    const [tag, param] = [{ key: 't', value: 'v' }, { key: 'C', value: '1.0' }];
    given([]).when(create({ tags: [tag], params: [param] })).then([created({ tags: [tag] }), params(param)]);
    given([created()]).when(create()).thenRefused('LOGGED_MODEL_EXISTS');
    given([deleted]).when(logParams()).thenRefused('LOGGED_MODEL_NOT_FOUND');
  });

  it('spreads what it is created with over as many events as its size needs', () => {
    const long = (key: string): Tag => ({ key, value: 'x'.repeat(6_000) });
    given([])
      .when(create({ tags: [long('a'), long('b')], params: [long('c'), long('d')] }))
      .then([created({ tags: [long('a')] }), tags(long('b')), params(long('c')), params(long('d'))]);
  });

  it('has a name that can be part of a URI', () => {
    for (const name of ['', 'a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b", 'n'.repeat(501)]) given([]).when(create({ name })).thenRefused('INVALID_LOGGED_MODEL_NAME');
  });

  it('is finalized, and again with another outcome', () => {
    given([created()]).when(finalize('ready')).then([finalized('ready')]);
    given([created(), finalized('ready')]).when(finalize('ready')).thenNothing();
    given([created(), finalized('failed')]).when(finalize('ready')).then([finalized('ready')]);
    given([created()]).when(finalize('pending')).thenRefused('INVALID_LOGGED_MODEL_STATUS');
  });

  it('never changes a parameter', () => {
    const one = { key: 'C', value: '1.0' };
    given([created(), params(one)]).when(logParams(one, { key: 'tol', value: '' })).then([params({ key: 'tol', value: '' })]);
    given([created(), params(one)]).when(logParams({ key: 'C', value: '2.0' })).thenRefused('PARAM_CHANGED');
    given([created()]).when(logParams(one, one)).thenRefused('DUPLICATE_PARAM');
    given([]).when(create({ params: [one, one] })).thenRefused('DUPLICATE_PARAM');
  });

  it('records a tag only when it changes, and removes one that it has', () => {
    const tag = { key: 't', value: 'v' };
    given([created({ tags: [tag] })]).when(setTags(tag)).thenNothing();
    given([created({ tags: [tag] })]).when(setTags({ key: 't', value: 'w' })).then([tags({ key: 't', value: 'w' })]);
    given([created({ tags: [tag] })]).when(removeTag).then([{ type: 'cairn.tracking.v1.LoggedModelTagRemoved', data: { modelId: 'm-1', key: 't' } }]);
    given([created()]).when(removeTag).thenRefused('TAG_NOT_FOUND');
  });

  it('is deleted once, and takes nothing then', () => {
    given([created()]).when(remove).then([deleted]);
    given([created(), deleted]).when(remove).thenNothing();
    for (const command of [logParams(), finalize('ready'), setTags(), removeTag, logArtifact('x')]) {
      given([created(), deleted]).when(command).thenRefused('LOGGED_MODEL_NOT_FOUND');
      given([]).when(command).thenRefused('LOGGED_MODEL_NOT_FOUND');
    }
  });

  it('logs an artifact again only when its content changed, and after it was removed', () => {
    given([created(), artifact('d/x')]).when(logArtifact('d/x')).thenNothing();
    given([created(), artifact('d/x')]).when(logArtifact('d/x', 'sha256:b')).then([artifact('d/x', 'sha256:b')]);
    given([created(), artifact('d/x')]).when(removeArtifact('d')).then([artifactRemoved('d')]);
    given([created(), artifact('dd')]).when(removeArtifact('d')).thenNothing();
    given([created(), artifact('d/x'), artifactRemoved('d')]).when(logArtifact('d/x')).then([artifact('d/x')]);
  });
});
