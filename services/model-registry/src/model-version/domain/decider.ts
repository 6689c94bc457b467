import type { Decider, Refusal } from '@cairn/kernel';
import type { ApproveVersion, CreateVersion, ModelVersionCommand, NewVersion, PromoteVersion } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import type { Evidence } from './evidence.js';
import { judgeGates, worstOf } from './gates.js';
import { isSafeSource } from './source.js';
import { evolve, type ModelVersionEvent, type ModelVersionState } from './state.js';

type Decision = readonly ModelVersionEvent[] | Refusal<Code>;
type Evaluated = Extract<ModelVersionEvent, { type: 'cairn.registry.v1.GatesEvaluated' }>;

export const modelVersion: Decider<ModelVersionState, ModelVersionCommand, ModelVersionEvent, Code> = {
  category: 'model-version',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: ModelVersionCommand, state: ModelVersionState): Decision {
  if (command.type === 'CreateVersion') return create(command, state);
  if (state.status === 'none') return refuse('VERSION_NOT_FOUND', 'No model version has this id.');
  const { version } = state;
  switch (command.type) {
    case 'ApproveVersion':
      return approve(command, version);
    case 'EvaluateGates':
      return [evaluated(version, command.data)];
    case 'PromoteVersion':
      return promote(command, version);
    case 'DescribeVersion': {
      const { versionId } = version;
      const { description } = command.data;
      return description === version.description ? [] : [{ type: 'cairn.registry.v1.VersionDescribed', data: { versionId, description } }];
    }
    case 'SetVersionTags': {
      const { versionId } = version;
      const tags = command.data.tags.filter((tag) => !version.tags.some(({ key, value }) => key === tag.key && value === tag.value));
      return tags.length === 0 ? [] : [{ type: 'cairn.registry.v1.VersionTagsSet', data: { versionId, tags } }];
    }
    case 'RemoveVersionTag': {
      const { versionId, tags } = version;
      const wanted = command.data.key;
      return tags.some(({ key }) => key === wanted) ? [{ type: 'cairn.registry.v1.VersionTagRemoved', data: { versionId, key: wanted } }] : [];
    }
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function create({ data }: CreateVersion, state: ModelVersionState): Decision {
  if (state.status !== 'none') return refuse('VERSION_EXISTS', 'A version with this id was created before.');
  if (!isSafeSource(data.source)) {
    return refuse('INVALID_SOURCE', `"${data.source}" can't be a source: name an artifact by URI, e.g. runs:/<run>/model, without ".." in its path.`);
  }
  return [{ type: 'cairn.registry.v1.ModelVersionCreated', data }];
}

function approve({ data, meta }: ApproveVersion, { versionId }: NewVersion): Decision {
  const { principal: approver, onBehalfOf } = meta.actor;
  if (onBehalfOf !== undefined) {
    return refuse('APPROVAL_NOT_PERSONAL', `${approver} acts for ${onBehalfOf}; an approval is given by the approver alone, with a token of their own.`);
  }
  if (data.authors.includes(approver)) {
    return refuse('APPROVER_IS_AUTHOR', `${approver} made this version; somebody else must approve it.`);
  }
  if (data.approvers.includes(approver)) return [];
  return [{ type: 'cairn.registry.v1.VersionApproved', data: { versionId, alias: data.alias, comment: data.comment } }];
}

function promote({ data }: PromoteVersion, version: NewVersion): Decision {
  if (data.carriesAlias) return [];
  const { versionId } = version;
  const { alias } = data;
  const evaluation = evaluated(version, data);
  if (evaluation.data.verdict === 'pass') return [evaluation, { type: 'cairn.registry.v1.VersionPromoted', data: { versionId, alias } }];
  const gates = evaluation.data.gates.filter(({ verdict }) => verdict !== 'pass').map(({ gate }) => gate);
  return [evaluation, { type: 'cairn.registry.v1.PromotionBlocked', data: { versionId, alias, gates } }];
}

function evaluated(version: NewVersion, asked: { readonly alias: string; readonly gates: readonly string[]; readonly evidence: Evidence }): Evaluated {
  const gates = judgeGates(asked.gates, version, asked.evidence);
  return {
    type: 'cairn.registry.v1.GatesEvaluated',
    data: { versionId: version.versionId, alias: asked.alias, verdict: worstOf(gates), gates },
  };
}
