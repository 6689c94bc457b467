import { CommandHandler, type EventStore } from '@cairn/event-store';
import { DomainError, isRefusal, streamName, type CommandMeta } from '@cairn/kernel';
import { ProjectionRunner } from '@cairn/read-model';
import { EVENT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { registeredModel } from '../../registered-model/domain/decider.js';
import type { Evidence } from '../domain/evidence.js';
import { modelVersion } from '../domain/decider.js';
import { EvidenceQuery } from '../views/evidence/evidence.query.js';
import { VersionListQuery } from '../views/version-list/version-list.query.js';
import type { EvaluationRow, VersionRow } from '../views/version-list/version.entity.js';
import { GatesNotPassed } from './gates-not-passed.js';

/** The model of a version may change that often while it is being promoted. */
const MAX_ATTEMPTS = 8;
const MODEL_CHANGED = 'MODEL_CHANGED';

/** Approval, evaluation and promotion of a version, with the evidence of the log as it stands when the command arrives. */
@Injectable()
export class GatesHandler {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(ProjectionRunner) private readonly runner: ProjectionRunner,
    @Inject(EvidenceQuery) private readonly evidence: EvidenceQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
  ) {}

  /** Throws DomainError APPROVER_IS_AUTHOR. */
  async approve(version: VersionRow, alias: string, comment: string, meta: CommandMeta): Promise<void> {
    const { authors, approvers } = await this.evidenceOf(version, alias);
    await this.commands.handle(modelVersion, { type: 'ApproveVersion', data: { alias, comment, authors, approvers }, meta }, { id: version.versionId });
  }

  /** Asks the gates of an alias without consequence. */
  async evaluate(version: VersionRow, alias: string, meta: CommandMeta): Promise<EvaluationRow> {
    const evidence = await this.evidenceOf(version, alias);
    const { state } = await this.commands.state(registeredModel, version.modelId);
    const gates = state.status === 'none' ? [] : (state.gates.get(alias) ?? []);
    await this.commands.handle(modelVersion, { type: 'EvaluateGates', data: { alias, gates, evidence }, meta }, { id: version.versionId });
    return this.shown(await this.versions.lastEvaluation(version.versionId, alias));
  }

  /**
   * Moves the alias when all its gates pass: the version's promotion and the model's alias are one append. Throws GatesNotPassed when they don't; what was
   * compared is recorded either way.
   */
  async promote(version: VersionRow, alias: string, meta: CommandMeta): Promise<EvaluationRow> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.tryPromote(version, alias, meta);
        break;
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== MODEL_CHANGED || attempt === MAX_ATTEMPTS) throw error;
      }
    }
    const decision = this.shown(await this.versions.lastDecision(version.versionId, alias));
    if (decision.outcome === 'blocked') throw new GatesNotPassed(alias, decision.gates);
    return decision;
  }

  private async tryPromote(version: VersionRow, alias: string, meta: CommandMeta): Promise<void> {
    const { versionId, modelId } = version;
    const evidence = await this.evidenceOf(version, alias);
    const { state, revision } = await this.commands.state(registeredModel, modelId);
    if (state.status === 'none') throw new DomainError('MODEL_NOT_FOUND', 'The model of this version is gone.', 'missing');
    const moved = registeredModel.decide({ type: 'MoveAlias', data: { alias, versionId }, meta }, state);
    if (isRefusal(moved)) throw new DomainError(moved.refused, moved.message, registeredModel.refusals[moved.refused]);
    const data = { alias, gates: state.gates.get(alias) ?? [], evidence, carriesAlias: moved.length === 0 };
    await this.commands.handle(modelVersion, { type: 'PromoteVersion', data, meta }, {
      id: versionId,
      alongside: (events) =>
        events.some(({ type }) => type === 'cairn.registry.v1.VersionPromoted')
          ? [{ stream: streamName(registeredModel.category, modelId), expected: revision, events: moved }]
          : [],
      onAlongsideConflict: () => new DomainError(MODEL_CHANGED, 'The model kept changing. Send the request again.', 'busy'),
    });
  }

  /** A run that finished a moment ago counts: what the log holds now is waited for before it is read. */
  private async evidenceOf(version: VersionRow, alias: string): Promise<Evidence> {
    const size = await this.store.size();
    if (size > 0n) await this.runner.waitFor(size - 1n);
    return this.evidence.of(version, alias);
  }

  private shown(row: EvaluationRow | null): EvaluationRow {
    if (row === null) throw new DomainError('READ_MODEL_BEHIND', 'The decision is recorded, but not yet visible here. Read again in a moment.', 'busy');
    return row;
  }
}
