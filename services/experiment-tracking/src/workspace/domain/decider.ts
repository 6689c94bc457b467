import type { Decider, Refusal } from '@cairn/kernel';
import type { WorkspaceCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type WorkspaceEvent, type WorkspaceState } from './state.js';

const MAX_DESCRIPTION_LENGTH = 5_000;

export const workspace: Decider<WorkspaceState, WorkspaceCommand, WorkspaceEvent, Code> = {
  category: 'workspace',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: WorkspaceCommand, state: WorkspaceState): readonly WorkspaceEvent[] | Refusal<Code> {
  if (command.type === 'CreateWorkspace') {
    const { name, description } = command.data;
    if (state.status === 'open') return refuse('WORKSPACE_EXISTS', `The workspace '${name}' already exists.`);
    return tooLong(description) ?? [{ type: 'cairn.tracking.v1.WorkspaceCreated', data: { name, description } }];
  }
  if (state.status !== 'open') return refuse('WORKSPACE_NOT_FOUND', 'No workspace of this name was created.');
  const { name } = state;
  switch (command.type) {
    case 'DescribeWorkspace': {
      const { description } = command.data;
      if (description === state.description) return [];
      return tooLong(description) ?? [{ type: 'cairn.tracking.v1.WorkspaceDescribed', data: { name, description } }];
    }
    case 'DeleteWorkspace':
      return [{ type: 'cairn.tracking.v1.WorkspaceDeleted', data: { name } }];
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function tooLong(description: string): Refusal<Code> | undefined {
  if (description.length <= MAX_DESCRIPTION_LENGTH) return undefined;
  return refuse('INVALID_DESCRIPTION', `The description of a workspace has at most ${MAX_DESCRIPTION_LENGTH} characters; this one has ${description.length}.`);
}
