/** What MLflow names; its clients understand no other. */
export const MLFLOW_EVENTS = [
  'registered_model.created',
  'model_version.created',
  'model_version_tag.set',
  'model_version_tag.deleted',
  'model_version_alias.created',
  'model_version_alias.deleted',
  'prompt.created',
  'prompt_version.created',
  'prompt_tag.set',
  'prompt_tag.deleted',
  'prompt_version_tag.set',
  'prompt_version_tag.deleted',
  'prompt_alias.created',
  'prompt_alias.deleted',
] as const;

/** What happens in the registry besides. */
export const OWN_EVENTS = [
  'registered_model.renamed',
  'registered_model.deleted',
  'registered_model.restored',
  'registered_model_tag.set',
  'registered_model_tag.deleted',
  'model_version.deleted',
  'model_version.restored',
  'model_version.stage_changed',
  'model_version.promotion_blocked',
  'prompt.renamed',
  'prompt.deleted',
  'prompt.restored',
  'prompt_version.deleted',
  'prompt_version.restored',
] as const;

export const HOOK_EVENTS = [...MLFLOW_EVENTS, ...OWN_EVENTS] as const;

export type HookEvent = (typeof HOOK_EVENTS)[number];

export function isHookEvent(text: string): text is HookEvent {
  const known: readonly string[] = HOOK_EVENTS;
  return known.includes(text);
}

export function isMlflowEvent(text: string): boolean {
  const known: readonly string[] = MLFLOW_EVENTS;
  return known.includes(text);
}
