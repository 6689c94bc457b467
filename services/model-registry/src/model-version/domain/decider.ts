import type { Decider, Refusal } from '@cairn/kernel';
import type { ApproveVersion, CreateVersion, Demand, MeasureVersion, ModelVersionCommand, NewVersion } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { judgeGates, worstOf } from './gates.js';
import { isSafeSource } from './source.js';
import { evolve, type Measurement, type ModelVersionEvent, type ModelVersionState } from './state.js';

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
  const { version, measurement } = state;
  switch (command.type) {
    case 'ApproveVersion':
      return approve(command, version);
    case 'EvaluateGates':
      return [evaluated(version, { ...command.data, now: command.meta.now, measurement })];
    case 'PromoteVersion': {
      if (command.data.carriesAlias) return [];
      const { versionId } = version;
      const evaluation = evaluated(version, { ...command.data, now: command.meta.now, measurement });
      return blocked(evaluation) ?? [evaluation, { type: 'cairn.registry.v1.VersionPromoted', data: { versionId, alias: command.data.alias } }];
    }
    case 'StageVersion': {
      if (command.data.isThere) return [];
      const { versionId } = version;
      const evaluation = evaluated(version, { ...command.data, now: command.meta.now, measurement });
      return blocked(evaluation) ?? [evaluation, { type: 'cairn.registry.v1.VersionStaged', data: { versionId, stage: command.data.stage } }];
    }
    case 'MeasureVersion':
      return measure(command, version);
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

function blocked(evaluation: Evaluated): Decision | undefined {
  const { versionId, alias, verdict, gates } = evaluation.data;
  if (verdict === 'pass') return undefined;
  const open = gates.filter((result) => result.verdict !== 'pass').map(({ gate }) => gate);
  return [evaluation, { type: 'cairn.registry.v1.PromotionBlocked', data: { versionId, alias, gates: open } }];
}

function evaluated(version: NewVersion, asked: Demand & { readonly now: string; readonly measurement: Measurement | undefined }): Evaluated {
  const { now, measurement, budget } = asked;
  const gates = judgeGates(asked.gates, version, { ...asked.evidence, now, ...(measurement !== undefined && { measurement }), ...(budget !== undefined && { budget }) });
  return {
    type: 'cairn.registry.v1.GatesEvaluated',
    data: { versionId: version.versionId, alias: asked.alias, verdict: worstOf(gates), gates },
  };
}

function measure({ data }: MeasureVersion, { versionId }: NewVersion): Decision {
  const { p50LatencyMs, p99LatencyMs, requests } = data;
  const isPlausible = [p50LatencyMs, p99LatencyMs].every((ms) => Number.isFinite(ms) && ms >= 0) && p50LatencyMs <= p99LatencyMs && requests > 0n;
  if (!isPlausible) return refuse('INVALID_MEASUREMENT', 'A measurement has at least one request, and a median latency that is not above the 99th percentile.');
  return [{ type: 'cairn.registry.v1.VersionMeasured', data: { versionId, ...data } }];
}
