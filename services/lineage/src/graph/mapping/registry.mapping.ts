import type { EventOf, registry } from '@cairn/contracts';
import { edge, nameAlias, node, nodeId, type GraphChange } from './graph-change.js';
import { short, tagAttributes } from './tag-attributes.js';

export type RegistryEvent = EventOf<
  | registry.RegisteredModelCreated
  | registry.ModelNameClaimed
  | registry.GatePolicyDeclared
  | registry.ModelVersionAdded
  | registry.AliasMoved
  | registry.AliasRemoved
  | registry.ModelDescribed
  | registry.ModelTagsSet
  | registry.ModelTagRemoved
  | registry.VersionDescribed
  | registry.VersionTagsSet
  | registry.VersionTagRemoved
  | registry.ModelVersionCreated
  | registry.GatesEvaluated
  | registry.PromotionBlocked
  | registry.VersionApproved
  | registry.VersionPromoted
  | registry.ModelNameReleased
  | registry.ModelRenamed
  | registry.ModelDeleted
  | registry.ModelRestored
  | registry.ModelVersionDeleted
  | registry.ModelVersionRestored
  | registry.VersionStageChanged
  | registry.VersionStaged
  | registry.VersionMeasured
  | registry.FreezeDeclared
  | registry.FreezeLifted
  | registry.WebhookCreated
  | registry.WebhookReconfigured
  | registry.WebhookDeleted
  | registry.WebhookDeliveryAttempted
  | registry.WebhookRedeliveryRequested
  | registry.ProvenanceSigned
>;

export const registryTypes: Readonly<Record<RegistryEvent['type'], true>> = {
  'cairn.registry.v1.RegisteredModelCreated': true,
  'cairn.registry.v1.ModelNameClaimed': true,
  'cairn.registry.v1.GatePolicyDeclared': true,
  'cairn.registry.v1.ModelVersionAdded': true,
  'cairn.registry.v1.AliasMoved': true,
  'cairn.registry.v1.AliasRemoved': true,
  'cairn.registry.v1.ModelDescribed': true,
  'cairn.registry.v1.ModelTagsSet': true,
  'cairn.registry.v1.ModelTagRemoved': true,
  'cairn.registry.v1.VersionDescribed': true,
  'cairn.registry.v1.VersionTagsSet': true,
  'cairn.registry.v1.VersionTagRemoved': true,
  'cairn.registry.v1.ModelVersionCreated': true,
  'cairn.registry.v1.GatesEvaluated': true,
  'cairn.registry.v1.PromotionBlocked': true,
  'cairn.registry.v1.VersionApproved': true,
  'cairn.registry.v1.VersionPromoted': true,
  'cairn.registry.v1.ModelNameReleased': true,
  'cairn.registry.v1.ModelRenamed': true,
  'cairn.registry.v1.ModelDeleted': true,
  'cairn.registry.v1.ModelRestored': true,
  'cairn.registry.v1.ModelVersionDeleted': true,
  'cairn.registry.v1.ModelVersionRestored': true,
  'cairn.registry.v1.VersionStageChanged': true,
  'cairn.registry.v1.VersionStaged': true,
  'cairn.registry.v1.VersionMeasured': true,
  'cairn.registry.v1.FreezeDeclared': true,
  'cairn.registry.v1.FreezeLifted': true,
  'cairn.registry.v1.WebhookCreated': true,
  'cairn.registry.v1.WebhookReconfigured': true,
  'cairn.registry.v1.WebhookDeleted': true,
  'cairn.registry.v1.WebhookDeliveryAttempted': true,
  'cairn.registry.v1.WebhookRedeliveryRequested': true,
  'cairn.registry.v1.ProvenanceSigned': true,
};

export function mapRegistry(event: RegistryEvent, workspace: string): GraphChange {
  switch (event.type) {
    case 'cairn.registry.v1.RegisteredModelCreated': {
      const { modelId, name, description } = event.data;
      const model = nodeId('model', modelId);
      return { nodes: [node(model, name, { name, description })], aliases: [{ alias: nameAlias('model', workspace, name), node: model }] };
    }
    case 'cairn.registry.v1.ModelNameClaimed': {
      const { name, modelId } = event.data;
      return { nodes: [node(nodeId('model', modelId), name, { name })] };
    }
    case 'cairn.registry.v1.GatePolicyDeclared': {
      const { modelId, alias, gates } = event.data;
      return { nodes: [node(nodeId('model', modelId), modelId, { [`gates.${alias}`]: gates })] };
    }
    case 'cairn.registry.v1.ModelVersionAdded': {
      const { modelId, versionId, version } = event.data;
      return { nodes: [node(nodeId('model', modelId), modelId, { latest_version: version, latest_version_id: versionId })] };
    }
    case 'cairn.registry.v1.AliasMoved': {
      const { modelId, alias, versionId, version, previousVersionId } = event.data;
      return {
        nodes: [
          node(nodeId('model', modelId), modelId, { [`alias.${alias}`]: version }),
          ...(previousVersionId === '' ? [] : [node(nodeId('model-version', previousVersionId), previousVersionId, { [`alias.${alias}`]: false })]),
          ...(versionId === '' ? [] : [node(nodeId('model-version', versionId), versionId, { [`alias.${alias}`]: true })]),
        ],
      };
    }
    case 'cairn.registry.v1.ModelDescribed':
      return { nodes: [node(nodeId('model', event.data.modelId), event.data.modelId, { description: short(event.data.description) })] };
    case 'cairn.registry.v1.ModelTagsSet':
      return { nodes: [node(nodeId('model', event.data.modelId), event.data.modelId, tagAttributes(event.data.tags))] };
    case 'cairn.registry.v1.ModelTagRemoved':
      return { nodes: [node(nodeId('model', event.data.modelId), event.data.modelId, { [`tag.${event.data.key}`]: null })] };
    case 'cairn.registry.v1.VersionDescribed':
      return { nodes: [node(nodeId('model-version', event.data.versionId), event.data.versionId, { description: short(event.data.description) })] };
    case 'cairn.registry.v1.VersionTagsSet':
      return { nodes: [node(nodeId('model-version', event.data.versionId), event.data.versionId, tagAttributes(event.data.tags))] };
    case 'cairn.registry.v1.VersionTagRemoved':
      return { nodes: [node(nodeId('model-version', event.data.versionId), event.data.versionId, { [`tag.${event.data.key}`]: null })] };
    case 'cairn.registry.v1.AliasRemoved': {
      const { modelId, alias, previousVersionId } = event.data;
      return {
        nodes: [
          node(nodeId('model', modelId), modelId, { [`alias.${alias}`]: null }),
          ...(previousVersionId === '' ? [] : [node(nodeId('model-version', previousVersionId), previousVersionId, { [`alias.${alias}`]: false })]),
        ],
      };
    }
    case 'cairn.registry.v1.ModelVersionCreated': {
      const { versionId, modelId, modelName, version, runId, source, digest, sizeBytes, trainingSetId, goldenDigest, description } = event.data;
      const created = nodeId('model-version', versionId);
      return {
        nodes: [node(created, `${modelName} v${version}`, { model: modelName, version, source, digest, size_bytes: sizeBytes, golden_digest: goldenDigest, description })],
        edges: [
          edge(nodeId('model', modelId), 'has-version', created),
          ...(runId === '' ? [] : [edge(nodeId('run', runId), 'registered-as', created)]),
          ...(trainingSetId === '' ? [] : [edge(nodeId('training-set', trainingSetId), 'trained', created)]),
          ...loggedModelsIn(source).map((model) => edge(nodeId('logged-model', model), 'registered-as', created)),
        ],
        // A trace names the prompt version that it used: prompts are models of the registry.
        aliases: [{ alias: nameAlias('model-version', workspace, `${modelName}/${version}`), node: created }],
      };
    }
    case 'cairn.registry.v1.GatesEvaluated': {
      const { versionId, alias, verdict, gates } = event.data;
      const results = gates.map(({ gate, verdict: of }) => ({ gate, verdict: of }));
      return { nodes: [node(nodeId('model-version', versionId), versionId, { [`verdict.${alias}`]: verdict, [`gates.${alias}`]: results })] };
    }
    case 'cairn.registry.v1.PromotionBlocked': {
      const { versionId, alias, gates } = event.data;
      return { nodes: [node(nodeId('model-version', versionId), versionId, { [`blocked.${alias}`]: gates })] };
    }
    case 'cairn.registry.v1.VersionApproved': {
      const { versionId, alias, comment } = event.data;
      return { nodes: [node(nodeId('model-version', versionId), versionId, { [`approved.${alias}`]: true, comment })] };
    }
    case 'cairn.registry.v1.VersionPromoted': {
      const { versionId, alias } = event.data;
      return { nodes: [node(nodeId('model-version', versionId), versionId, { [`promoted.${alias}`]: true })] };
    }
    case 'cairn.registry.v1.ModelNameReleased': {
      const { name, modelId } = event.data;
      return { nodes: [node(nodeId('model', modelId), name)] };
    }
    case 'cairn.registry.v1.ModelRenamed': {
      const { modelId, name, previousName } = event.data;
      const model = nodeId('model', modelId);
      return { nodes: [node(model, name, { name, previous_name: previousName })], aliases: [{ alias: nameAlias('model', workspace, name), node: model }] };
    }
    case 'cairn.registry.v1.ModelDeleted':
      return { nodes: [node(nodeId('model', event.data.modelId), event.data.name, { deleted: true })] };
    case 'cairn.registry.v1.ModelRestored': {
      const { modelId, name } = event.data;
      const model = nodeId('model', modelId);
      return { nodes: [node(model, name, { deleted: false })], aliases: [{ alias: nameAlias('model', workspace, name), node: model }] };
    }
    case 'cairn.registry.v1.ModelVersionDeleted':
      return { nodes: [node(nodeId('model-version', event.data.versionId), event.data.versionId, { deleted: true })] };
    case 'cairn.registry.v1.ModelVersionRestored':
      return { nodes: [node(nodeId('model-version', event.data.versionId), event.data.versionId, { deleted: false })] };
    case 'cairn.registry.v1.VersionStageChanged':
      return { nodes: [node(nodeId('model-version', event.data.versionId), event.data.versionId, { stage: event.data.stage })] };
    case 'cairn.registry.v1.VersionStaged':
      return { nodes: [node(nodeId('model-version', event.data.versionId), event.data.versionId, { [`promoted.stage:${event.data.stage}`]: true })] };
    case 'cairn.registry.v1.VersionMeasured': {
      const { versionId, p50LatencyMs, p99LatencyMs, requests, conditions } = event.data;
      const measured = { p50_latency_ms: p50LatencyMs, p99_latency_ms: p99LatencyMs, measured_requests: requests, measured_under: conditions };
      return { nodes: [node(nodeId('model-version', versionId), versionId, measured)] };
    }
    case 'cairn.registry.v1.FreezeDeclared': {
      const { freezeId, modelId, from, to, reason } = event.data;
      const frozen = nodeId('freeze', freezeId);
      return {
        nodes: [node(frozen, reason, { from, to, reason })],
        ...(modelId !== '' && { edges: [edge(frozen, 'freezes', nodeId('model', modelId))] }),
      };
    }
    case 'cairn.registry.v1.FreezeLifted':
      return { nodes: [node(nodeId('freeze', event.data.freezeId), event.data.freezeId, { lifted: true, lifted_because: event.data.reason })] };
    case 'cairn.registry.v1.WebhookCreated':
    case 'cairn.registry.v1.WebhookReconfigured': {
      const { webhookId, settings } = event.data;
      const name = settings?.name ?? '';
      return { nodes: [node(nodeId('webhook', webhookId), name, { name, events: [...(settings?.events ?? [])], status: settings?.status ?? '' })] };
    }
    case 'cairn.registry.v1.WebhookDeleted':
      return { nodes: [node(nodeId('webhook', event.data.webhookId), event.data.webhookId, { deleted: true })] };
    case 'cairn.registry.v1.WebhookDeliveryAttempted':
      return { nodes: [node(nodeId('webhook', event.data.webhookId), event.data.webhookId, { last_delivery: event.data.outcome })] };
    case 'cairn.registry.v1.WebhookRedeliveryRequested':
      return { nodes: [node(nodeId('webhook', event.data.webhookId), event.data.webhookId)] };
    case 'cairn.registry.v1.ProvenanceSigned': {
      const { versionId, number, payloadDigest, envelopeDigest, keyId } = event.data;
      const signed = { provenance: number, provenance_digest: payloadDigest, provenance_envelope_digest: envelopeDigest, provenance_key_id: keyId };
      return { nodes: [node(nodeId('model-version', versionId), versionId, signed)] };
    }
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

/** `models:/m-<32 hex digits>` is a logged model. */
function loggedModelsIn(source: string): string[] {
  return /^models:\/(m-[0-9a-f]{32})$/.exec(source)?.slice(1) ?? [];
}
