import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { GatePolicy, RegisteredModelCommand } from './commands.js';
import { registeredModel } from './decider.js';
import type { Stage } from './stage.js';
import type { RegisteredModelEvent } from './state.js';

const meta = testMeta();
const policy = (alias: string, ...gates: string[]): GatePolicy => ({ alias, gates });
const rename = (name: string, ...inherited: GatePolicy[]): RegisteredModelCommand => ({ type: 'RenameModel', data: { name, inherited }, meta });
const restore = (...inherited: GatePolicy[]): RegisteredModelCommand => ({ type: 'RestoreModel', data: { inherited }, meta });
const remove: RegisteredModelCommand = { type: 'DeleteModel', data: {}, meta };
const removeVersion = (versionId: string): RegisteredModelCommand => ({ type: 'DeleteVersion', data: { versionId }, meta });
const restoreVersion = (versionId: string): RegisteredModelCommand => ({ type: 'RestoreVersion', data: { versionId }, meta });
const stage = (versionId: string, to: Stage, archiveOthers = false): RegisteredModelCommand => ({ type: 'MoveToStage', data: { versionId, stage: to, archiveOthers }, meta });

const created: RegisteredModelEvent = { type: 'cairn.registry.v1.RegisteredModelCreated', data: { modelId: 'm', name: 'late', description: '', tags: [] } };
const added = (version: number): RegisteredModelEvent => ({ type: 'cairn.registry.v1.ModelVersionAdded', data: { modelId: 'm', versionId: `v-${version}`, version } });
const declared = (alias: string, ...gates: string[]): RegisteredModelEvent => ({ type: 'cairn.registry.v1.GatePolicyDeclared', data: { modelId: 'm', alias, gates } });
const moved: RegisteredModelEvent = {
  type: 'cairn.registry.v1.AliasMoved', data: { modelId: 'm', alias: 'champion', versionId: 'v-1', version: 1, previousVersionId: '' },
};
const aliasGone: RegisteredModelEvent = { type: 'cairn.registry.v1.AliasRemoved', data: { modelId: 'm', alias: 'champion', previousVersionId: 'v-1' } };
const renamed = (name: string, previousName: string, ...policies: GatePolicy[]): RegisteredModelEvent => ({
  type: 'cairn.registry.v1.ModelRenamed', data: { modelId: 'm', name, previousName, policies },
});
const deleted = (aliases: { alias: string; versionId: string }[] = [], ...policies: GatePolicy[]): RegisteredModelEvent => ({
  type: 'cairn.registry.v1.ModelDeleted', data: { modelId: 'm', name: 'late', aliases, policies },
});
const restored: RegisteredModelEvent = { type: 'cairn.registry.v1.ModelRestored', data: { modelId: 'm', name: 'late' } };
const versionDeleted: RegisteredModelEvent = { type: 'cairn.registry.v1.ModelVersionDeleted', data: { modelId: 'm', versionId: 'v-1', version: 1 } };
const staged = (version: number, to: Stage, previousStage: Stage = 'None'): RegisteredModelEvent => ({
  type: 'cairn.registry.v1.VersionStageChanged', data: { modelId: 'm', versionId: `v-${version}`, version, stage: to, previousStage },
});

describe('the life of a registered model', () => {
  const { given } = deciderSpec(registeredModel);

  it('goes on under another name', () => {
    given([created]).when(rename('early')).then([renamed('early', 'late')]);
    given([created, renamed('early', 'late')]).when(rename('early')).thenNothing();
    given([created, declared('champion', 'criteria-met')]).when(rename('early')).then([renamed('early', 'late', policy('champion', 'criteria-met'))]);
    given([created]).when(rename('a/b')).thenRefused('INVALID_MODEL_NAME');
    given([]).when(rename('early')).thenRefused('MODEL_NOT_FOUND');
  });

  it('takes over what its new name demands, and more of it where both demand something', () => {
    given([created, declared('champion', 'criteria-met')])
      .when(rename('early', policy('champion', 'approved-by-another'), policy('live', 'not-frozen')))
      .then([renamed('early', 'late', policy('champion', 'criteria-met')), declared('champion', 'criteria-met', 'approved-by-another'), declared('live', 'not-frozen')]);
    given([created, declared('champion', 'criteria-met')])
      .when(rename('early', policy('champion', 'criteria-met')))
      .then([renamed('early', 'late', policy('champion', 'criteria-met'))]);
    given([created, added(1), moved]).when(rename('early', policy('champion', 'criteria-met'))).thenRefused('NAME_DEMANDS_GATES', /alias champion/);
    given([created, added(1), staged(1, 'Production')]).when(rename('early', policy('stage:Production', 'criteria-met'))).thenRefused('NAME_DEMANDS_GATES');
    given([created, added(1), moved, declared('champion', 'criteria-met')])
      .when(rename('early', policy('champion', 'criteria-met')))
      .then([renamed('early', 'late', policy('champion', 'criteria-met'))]);
  });

  it('ends, and begins again', () => {
    given([created, added(1), moved]).when(remove).then([aliasGone, deleted([{ alias: 'champion', versionId: 'v-1' }])]);
    given([created, deleted()]).when(remove).thenNothing();
    given([created, deleted()]).when(rename('early')).thenRefused('MODEL_NOT_FOUND', /Restore it/);
    given([created, deleted()]).when(restore()).then([restored]);
    given([created]).when(restore()).thenNothing();
    given([created, deleted()]).when(restore(policy('live', 'not-frozen'))).then([restored, declared('live', 'not-frozen')]);
  });

  it('leaves a stage that became stricter while it was away', () => {
    given([created, added(1), added(2), staged(1, 'Production'), staged(2, 'Staging'), deleted()])
      .when(restore(policy('stage:Production', 'criteria-met')))
      .then([restored, declared('stage:Production', 'criteria-met'), staged(1, 'None', 'Production')]);
  });

  it('gives the number of a deleted version to nobody', () => {
    given([created, added(1), moved]).when(removeVersion('v-1')).then([aliasGone, versionDeleted]);
    given([created, added(1), versionDeleted]).when(removeVersion('v-1')).thenNothing();
    given([created]).when(removeVersion('v-1')).thenRefused('VERSION_NOT_FOUND');
    given([created, added(1), versionDeleted]).when({ type: 'AddVersion', data: { versionId: 'v-2' }, meta }).then([added(2)]);
    given([created, added(1), versionDeleted]).when({ type: 'MoveAlias', data: { alias: 'champion', versionId: 'v-1' }, meta }).thenRefused('VERSION_NOT_FOUND');
    given([created, added(1), versionDeleted]).when(stage('v-1', 'Staging')).thenRefused('VERSION_NOT_FOUND');
    given([created, added(1), versionDeleted]).when(restoreVersion('v-1')).then([
      { type: 'cairn.registry.v1.ModelVersionRestored', data: { modelId: 'm', versionId: 'v-1', version: 1 } },
    ]);
    given([created, added(1)]).when(restoreVersion('v-1')).thenNothing();
    given([created]).when(restoreVersion('v-1')).thenRefused('VERSION_NOT_FOUND');
  });

  it('moves versions between stages', () => {
    given([created, added(1)]).when(stage('v-1', 'Staging')).then([staged(1, 'Staging')]);
    given([created, added(1), staged(1, 'Staging')]).when(stage('v-1', 'Staging')).thenNothing();
    given([created, added(1), staged(1, 'Staging')]).when(stage('v-1', 'None')).then([staged(1, 'None', 'Staging')]);
    given([created, added(1), added(2), staged(1, 'Production')]).when(stage('v-2', 'Production', true)).then([staged(1, 'Archived', 'Production'), staged(2, 'Production')]);
    given([created, added(1)]).when(stage('v-1', 'Archived', true)).thenRefused('INVALID_STAGE');
    given([created]).when(stage('v-1', 'Staging')).thenRefused('VERSION_NOT_FOUND');
  });

  it('keeps what it carries within what one event can name', () => {
    const full = [created, added(1), ...Array.from({ length: 50 }, (_, index): RegisteredModelEvent => ({
      type: 'cairn.registry.v1.AliasMoved', data: { modelId: 'm', alias: `a${index}`, versionId: 'v-1', version: 1, previousVersionId: '' },
    }))];
    given(full).when({ type: 'MoveAlias', data: { alias: 'one-more', versionId: 'v-1' }, meta }).thenRefused('TOO_MANY_ALIASES');
    const crowd = Array.from({ length: 201 }, (_, index) => added(index + 1));
    const inStage = Array.from({ length: 200 }, (_, index) => staged(index + 1, 'Staging'));
    given([created, ...crowd, ...inStage]).when(stage('v-201', 'Staging')).thenRefused('STAGE_FULL');
  });

  it('demands a limit with a gate that compares with one', () => {
    const declare = (gate: string, budget?: object): RegisteredModelCommand => ({
      type: 'DeclareGates',
      data: { alias: 'stage:Production', gates: [gate], ...(budget !== undefined && { budget: { maxSizeBytes: 0n, maxP99LatencyMs: 0, minRequests: 0n, ...budget } }) },
      meta,
    });
    for (const gate of ['size-within-budget', 'latency-within-budget']) given([created]).when(declare(gate)).thenRefused('BUDGET_MISSING');
    given([created]).when(declare('size-within-budget', { maxSizeBytes: 1n })).then([
      {
        type: 'cairn.registry.v1.GatePolicyDeclared',
        data: { modelId: 'm', alias: 'stage:Production', gates: ['size-within-budget'], budget: { maxSizeBytes: 1n, maxP99LatencyMs: 0, minRequests: 0n } },
      },
    ]);
    given([created]).when({ type: 'DeclareGates', data: { alias: 'stage:None', gates: ['not-frozen'] }, meta }).thenRefused('INVALID_ALIAS');
  });
});
