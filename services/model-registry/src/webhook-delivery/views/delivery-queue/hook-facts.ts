import type { EventOf, registry } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';
import { PROMPT_TAG } from '../../../mlflow/registry-filter.js';
import { convertTarget } from '../../../registered-model/http/convert-target.js';
import type { HookEvent } from '../../../webhook/domain/hook-events.js';

export type HookedFact = EventOf<
  | registry.RegisteredModelCreated
  | registry.ModelRenamed
  | registry.ModelDeleted
  | registry.ModelRestored
  | registry.ModelTagsSet
  | registry.ModelTagRemoved
  | registry.AliasMoved
  | registry.AliasRemoved
  | registry.ModelVersionCreated
  | registry.ModelVersionDeleted
  | registry.ModelVersionRestored
  | registry.VersionStageChanged
  | registry.VersionTagsSet
  | registry.VersionTagRemoved
  | registry.PromotionBlocked
>;

/** What a fact leaves out about its model and version. */
export interface Subject {
  readonly name: string;
  readonly isPrompt: boolean;
  /** 0 for a fact about a model. */
  readonly version: number;
}

export interface Hook {
  readonly event: HookEvent;
  readonly data: JsonObject;
}

const PROMPT_TEXT_TAG = 'mlflow.prompt.text';
/** Of MLflow itself; receivers get what people wrote. */
const PROMPT_INNER_TAGS = new Set([PROMPT_TAG, PROMPT_TEXT_TAG, '_mlflow_prompt_type']);

type Tags = readonly { readonly key: string; readonly value: string }[];

/** What webhooks are told about a fact, in MLflow's shapes where MLflow has the event; several tags are several hooks. */
export function hooksOf(fact: HookedFact, { name, isPrompt, version: number }: Subject): readonly Hook[] {
  const version = String(number);
  switch (fact.type) {
    case 'cairn.registry.v1.RegisteredModelCreated':
      return [{ event: isPrompt ? 'prompt.created' : 'registered_model.created', data: { name, tags: tagsOf(fact.data.tags), description: fact.data.description || null } }];
    case 'cairn.registry.v1.ModelRenamed':
      return [{ event: isPrompt ? 'prompt.renamed' : 'registered_model.renamed', data: { name, previous_name: fact.data.previousName } }];
    case 'cairn.registry.v1.ModelDeleted':
      return [{ event: isPrompt ? 'prompt.deleted' : 'registered_model.deleted', data: { name } }];
    case 'cairn.registry.v1.ModelRestored':
      return [{ event: isPrompt ? 'prompt.restored' : 'registered_model.restored', data: { name } }];
    case 'cairn.registry.v1.ModelTagsSet':
      return fact.data.tags.map(({ key, value }) => ({ event: isPrompt ? 'prompt_tag.set' : 'registered_model_tag.set', data: { name, key, value } }));
    case 'cairn.registry.v1.ModelTagRemoved':
      return [{ event: isPrompt ? 'prompt_tag.deleted' : 'registered_model_tag.deleted', data: { name, key: fact.data.key } }];
    case 'cairn.registry.v1.AliasMoved': {
      const data = { name, alias: fact.data.alias, version: String(fact.data.version) };
      return [{ event: isPrompt ? 'prompt_alias.created' : 'model_version_alias.created', data }];
    }
    case 'cairn.registry.v1.AliasRemoved':
      return [{ event: isPrompt ? 'prompt_alias.deleted' : 'model_version_alias.deleted', data: { name, alias: fact.data.alias } }];
    case 'cairn.registry.v1.ModelVersionCreated': {
      const { source, runId, tags, description } = fact.data;
      if (!isPrompt) return [{ event: 'model_version.created', data: { name, version, source, run_id: runId || null, tags: tagsOf(tags), description: description || null } }];
      const template = tags.find(({ key }) => key === PROMPT_TEXT_TAG)?.value ?? '';
      const own = tags.filter(({ key }) => !PROMPT_INNER_TAGS.has(key));
      return [{ event: 'prompt_version.created', data: { name, version, template, tags: tagsOf(own), description: description || null } }];
    }
    case 'cairn.registry.v1.ModelVersionDeleted':
      return [{ event: isPrompt ? 'prompt_version.deleted' : 'model_version.deleted', data: { name, version } }];
    case 'cairn.registry.v1.ModelVersionRestored':
      return [{ event: isPrompt ? 'prompt_version.restored' : 'model_version.restored', data: { name, version } }];
    case 'cairn.registry.v1.VersionStageChanged':
      return isPrompt ? [] : [{ event: 'model_version.stage_changed', data: { name, version, stage: fact.data.stage, previous_stage: fact.data.previousStage } }];
    case 'cairn.registry.v1.VersionTagsSet':
      return fact.data.tags.map(({ key, value }) => ({ event: isPrompt ? 'prompt_version_tag.set' : 'model_version_tag.set', data: { name, version, key, value } }));
    case 'cairn.registry.v1.VersionTagRemoved':
      return [{ event: isPrompt ? 'prompt_version_tag.deleted' : 'model_version_tag.deleted', data: { name, version, key: fact.data.key } }];
    case 'cairn.registry.v1.PromotionBlocked':
      return isPrompt
        ? []
        : [{ event: 'model_version.promotion_blocked', data: { name, version, ...convertTarget(fact.data.alias), gates: [...fact.data.gates] } }];
    default: {
      const unhandled: never = fact;
      return unhandled;
    }
  }
}

/** The JSON that is sent. Its bytes are signed, so it is made once. */
export function payloadOf({ event, data }: Hook, time: string, workspace: string): string {
  const [entity, action] = event.split('.');
  return JSON.stringify({ entity, action, timestamp: time, data, workspace });
}

function tagsOf(tags: Tags): JsonObject {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
