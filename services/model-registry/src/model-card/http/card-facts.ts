import { Inject, Injectable } from '@nestjs/common';
import { RolloutHistoryQuery } from '../../figures/views/rollout-history/rollout-history.query.js';
import { OwnView } from '../../model-version/http/own-view.js';
import { convertStoredSignature } from '../../model-version/views/version-list/stored-signature.js';
import { VersionListQuery } from '../../model-version/views/version-list/version-list.query.js';
import type { VersionRow } from '../../model-version/views/version-list/version.entity.js';
import { LogFacts } from '../../provenance/facts/log-facts.js';
import { StatementListQuery } from '../../provenance/views/statement-list/statement-list.query.js';
import { ModelListQuery } from '../../registered-model/views/model-list/model-list.query.js';
import type { ModelRow } from '../../registered-model/views/model-list/model.entity.js';
import { SHOWN, type CardFacts } from '../writing/model-card.js';
import { MlmodelFile } from '../mlmodel/mlmodel-file.js';

const MAX_EVALUATIONS = 200;
const MAX_DEPLOYMENTS = 200;

/** Gathers what a card is written from. */
@Injectable()
export class CardFactsReader {
  constructor(
    @Inject(OwnView) private readonly view: OwnView,
    @Inject(LogFacts) private readonly log: LogFacts,
    @Inject(MlmodelFile) private readonly mlmodel: MlmodelFile,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
    @Inject(RolloutHistoryQuery) private readonly history: RolloutHistoryQuery,
    @Inject(StatementListQuery) private readonly statements: StatementListQuery,
  ) {}

  async read(model: ModelRow, version: VersionRow): Promise<CardFacts> {
    await this.view.catchUp();
    const { versionId } = version;
    const [origin, signature, aliases, approvals, evaluations, answering, rollouts, statement] = await Promise.all([
      this.log.originOf(version),
      this.signature(version),
      this.models.aliases([version.modelId]),
      this.versions.approvals(versionId),
      this.versions.evaluations(versionId, MAX_EVALUATIONS),
      this.history.answering(versionId, MAX_DEPLOYMENTS),
      this.history.ofVersion(versionId, MAX_DEPLOYMENTS),
      this.statements.last(versionId),
    ]);
    const deployments = [...new Set(rollouts.filter(({ outcome }) => outcome === 'completed').map(({ deploymentName }) => deploymentName))];
    const known = await this.history.incidentsOf(version.workspace, deployments, SHOWN.incidents);
    // An incident from before the version answered is another version's.
    const since = rollouts.filter(({ outcome }) => outcome === 'completed').reduce((first, { endedAt }) => (first === '' || endedAt < first ? endedAt : first), '');
    const incidents = known.filter(({ openedAt }) => openedAt >= since);
    return {
      model, version, origin, aliases, approvals, evaluations, answering, incidents,
      ...(signature !== undefined && { signature }), ...(statement !== null && { statement }),
    };
  }

  private async signature(version: VersionRow): Promise<CardFacts['signature']> {
    const own = convertStoredSignature(version.signature);
    if (own !== undefined) return { from: 'version', signature: own };
    const signature = await this.mlmodel.signature(version);
    return signature === undefined ? undefined : { from: 'mlmodel', signature };
  }
}
