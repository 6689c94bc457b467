import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code =
  | 'DEPLOYMENT_NAME_TAKEN'
  | 'DEPLOYMENT_NOT_FOUND'
  | 'DEPLOYMENT_CHANGED'
  | 'FALLBACK_DIFFERS'
  | 'INVALID_BATCHING'
  | 'INVALID_DEPLOYMENT'
  | 'INVALID_LOGGING'
  | 'INVALID_FEATURE_LOOK_UP'
  | 'INVALID_FALLBACK'
  | 'INVALID_ROLLOUT'
  | 'KILL_SWITCH_ENGAGED'
  | 'ROLLOUT_IN_PROGRESS'
  | 'ROLLOUT_NOT_RUNNING'
  | 'VERSION_OF_ANOTHER_MODEL'
  | 'VERSION_NOT_PROMOTED'
  | 'VERSION_NOT_SERVABLE'
  | 'VERSION_ALREADY_LIVE'
  | 'VERSION_IS_FALLBACK'
  | 'VERSION_IS_SERVED'
  | 'STAGE_CHANGED'
  | 'REPLICAS_NOT_PROVED';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  DEPLOYMENT_NAME_TAKEN: 'conflict',
  DEPLOYMENT_NOT_FOUND: 'missing',
  DEPLOYMENT_CHANGED: 'conflict',
  FALLBACK_DIFFERS: 'unmet',
  INVALID_BATCHING: 'invalid',
  INVALID_DEPLOYMENT: 'invalid',
  INVALID_LOGGING: 'invalid',
  INVALID_FEATURE_LOOK_UP: 'invalid',
  INVALID_FALLBACK: 'invalid',
  INVALID_ROLLOUT: 'invalid',
  KILL_SWITCH_ENGAGED: 'unmet',
  ROLLOUT_IN_PROGRESS: 'conflict',
  ROLLOUT_NOT_RUNNING: 'conflict',
  VERSION_OF_ANOTHER_MODEL: 'unmet',
  VERSION_NOT_PROMOTED: 'unmet',
  VERSION_NOT_SERVABLE: 'unmet',
  VERSION_ALREADY_LIVE: 'conflict',
  VERSION_IS_FALLBACK: 'conflict',
  VERSION_IS_SERVED: 'conflict',
  STAGE_CHANGED: 'conflict',
  REPLICAS_NOT_PROVED: 'unmet',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
