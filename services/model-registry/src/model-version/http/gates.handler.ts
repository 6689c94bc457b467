import { CommandHandler } from '@cairn/event-store';
import { DomainError, isRefusal, streamName, type CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { registeredModel } from '../../registered-model/domain/decider.js';
import type { KnownModel } from '../../registered-model/domain/state.js';
import type { Demand } from '../domain/commands.js';
import type { Evidence } from '../domain/evidence.js';
import { modelVersion } from '../domain/decider.js';
import { EvidenceQuery } from '../views/evidence/evidence.query.js';
import { VersionListQuery } from '../views/version-list/version-list.query.js';
import type { EvaluationRow, VersionRow } from '../views/version-list/version.entity.js';
import { GatesNotPassed } from './gates-not-passed.js';
import { OwnView } from './own-view.js';
import { targetName, type Target } from './target.dto.js';

/** The model of a version may change that often while it is being promoted. */
const MAX_ATTEMPTS = 8;
const MODEL_CHANGED = 'MODEL_CHANGED';

/** Approval, evaluation and promotion of a version, with the evidence of the log as it stands when the command arrives. */
@Injectable()
export class GatesHandler {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(OwnView) private readonly view: OwnView,
    @Inject(EvidenceQuery) private readonly evidence: EvidenceQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
  ) {}

  /** Throws DomainError APPROVER_IS_AUTHOR. */
  async approve(version: VersionRow, target: Target, comment: string, meta: CommandMeta): Promise<void> {
    const alias = targetName(target);
    const { authors, approvers } = await this.evidenceOf(version, alias, meta);
    await this.commands.handle(modelVersion, { type: 'ApproveVersion', data: { alias, comment, authors, approvers }, meta }, { id: version.versionId });
  }

  /** Asks the gates of an alias or a stage without consequence. */
  async evaluate(version: VersionRow, target: Target, meta: CommandMeta): Promise<EvaluationRow> {
    const alias = targetName(target);
    const evidence = await this.evidenceOf(version, alias, meta);
    const { model } = await this.modelOf(version);
    await this.commands.handle(modelVersion, { type: 'EvaluateGates', data: demandOf(model, alias, evidence), meta }, { id: version.versionId });
    return this.shown(await this.versions.lastEvaluation(version.versionId, alias));
  }

  /**
   * Moves the alias, or the version to the stage, when all gates pass: the version's promotion and the change of the model are one append. Throws
   * GatesNotPassed when they don't; what was compared is recorded either way.
   */
  async promote(version: VersionRow, target: Target, meta: CommandMeta): Promise<EvaluationRow> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.tryPromote(version, target, meta);
        break;
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== MODEL_CHANGED || attempt === MAX_ATTEMPTS) throw error;
      }
    }
    const decision = this.shown(await this.versions.lastDecision(version.versionId, targetName(target)));
    if (decision.outcome === 'blocked') throw new GatesNotPassed(decision.alias, decision.gates);
    return decision;
  }

  private async tryPromote(version: VersionRow, target: Target, meta: CommandMeta): Promise<void> {
    const { versionId, modelId } = version;
    const alias = targetName(target);
    const evidence = await this.evidenceOf(version, alias, meta);
    const { model, revision } = await this.modelOf(version);
    const change = registeredModel.decide(
      'alias' in target ? { type: 'MoveAlias', data: { alias, versionId }, meta } : { type: 'MoveToStage', data: { versionId, ...target }, meta },
      model,
    );
    if (isRefusal(change)) throw new DomainError(change.refused, change.message, registeredModel.refusals[change.refused]);
    const data = demandOf(model, alias, evidence);
    const isThere = change.length === 0;
    await this.commands.handle(
      modelVersion,
      'alias' in target
        ? { type: 'PromoteVersion', data: { ...data, carriesAlias: isThere }, meta }
        : { type: 'StageVersion', data: { ...data, stage: target.stage, isThere }, meta },
      {
        id: versionId,
        alongside: (events) =>
          events.some(({ type }) => type === 'cairn.registry.v1.VersionPromoted' || type === 'cairn.registry.v1.VersionStaged')
            ? [{ stream: streamName(registeredModel.category, modelId), expected: revision, events: change }]
            : [],
        onAlongsideConflict: () => new DomainError(MODEL_CHANGED, 'The model kept changing. Send the request again.', 'busy'),
      },
    );
  }

  private async modelOf({ modelId }: VersionRow): Promise<{ readonly model: KnownModel; readonly revision: bigint }> {
    const { state, revision } = await this.commands.state(registeredModel, modelId);
    if (state.status === 'none') throw new DomainError('MODEL_NOT_FOUND', 'The model of this version is gone.', 'missing');
    return { model: state, revision };
  }

  /** A run that finished a moment ago counts: what the log holds now is waited for before it is read. */
  private async evidenceOf(version: VersionRow, alias: string, { now }: CommandMeta): Promise<Evidence> {
    await this.view.catchUp();
    return this.evidence.of(version, alias, now);
  }

  private shown(row: EvaluationRow | null): EvaluationRow {
    if (row === null) throw new DomainError('READ_MODEL_BEHIND', 'The decision is recorded, but not yet visible here. Read again in a moment.', 'busy');
    return row;
  }
}

function demandOf({ policies }: KnownModel, alias: string, evidence: Evidence): Demand {
  const { gates = [], budget } = policies.get(alias) ?? {};
  return { alias, gates, evidence, ...(budget !== undefined && { budget }) };
}
