import { deciderSpec } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { WorkspaceCommand } from './commands.js';
import { workspace } from './decider.js';
import type { WorkspaceEvent } from './state.js';

const meta = { commandId: 'c', now: '2001-04-01T00:00:00Z', actor: { principal: 'local' }, workspace: 'red', correlationId: 'x' };
const create = (description = ''): WorkspaceCommand => ({ type: 'CreateWorkspace', data: { name: 'red', description }, meta });
const describeAs = (description: string): WorkspaceCommand => ({ type: 'DescribeWorkspace', data: { description }, meta });
const remove: WorkspaceCommand = { type: 'DeleteWorkspace', data: {}, meta };

const created = (description = ''): WorkspaceEvent => ({ type: 'cairn.tracking.v1.WorkspaceCreated', data: { name: 'red', description } });
const described = (description: string): WorkspaceEvent => ({ type: 'cairn.tracking.v1.WorkspaceDescribed', data: { name: 'red', description } });
const deleted: WorkspaceEvent = { type: 'cairn.tracking.v1.WorkspaceDeleted', data: { name: 'red' } };

describe('workspace', () => {
  const { given } = deciderSpec(workspace);

  it('is created once, and again after it was deleted', () => {
    given([]).when(create('reds')).then([created('reds')]);
    given([created()]).when(create()).thenRefused('WORKSPACE_EXISTS');
    given([created(), deleted]).when(create()).then([created()]);
    given([]).when(create('d'.repeat(5_001))).thenRefused('INVALID_DESCRIPTION');
  });

  it('is described anew when the words are others', () => {
    given([created('a')]).when(describeAs('b')).then([described('b')]);
    given([created('a'), described('b')]).when(describeAs('b')).then([]);
    given([created()]).when(describeAs('d'.repeat(5_001))).thenRefused('INVALID_DESCRIPTION');
    given([]).when(describeAs('b')).thenRefused('WORKSPACE_NOT_FOUND');
    given([created(), deleted]).when(describeAs('b')).thenRefused('WORKSPACE_NOT_FOUND');
  });

  it('is deleted once', () => {
    given([created()]).when(remove).then([deleted]);
    given([created(), deleted]).when(remove).thenRefused('WORKSPACE_NOT_FOUND');
  });
});
