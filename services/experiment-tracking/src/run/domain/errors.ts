import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code =
  | 'RUN_NOT_FOUND'
  | 'RUN_EXISTS'
  | 'RUN_DELETED'
  | 'TAG_NOT_FOUND'
  | 'RESERVED_TAG'
  | 'INVALID_DEFAULTED_TAG'
  | 'DUPLICATE_PARAM'
  | 'PARAM_CHANGED'
  | 'INVALID_PARAM_ORIGIN'
  | 'INVALID_RUN_STATUS'
  | 'INPUT_TOO_LARGE'
  | 'TOO_MANY_MODELS';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  RUN_NOT_FOUND: 'missing',
  RUN_EXISTS: 'conflict',
  RUN_DELETED: 'conflict',
  TAG_NOT_FOUND: 'missing',
  RESERVED_TAG: 'invalid',
  INVALID_DEFAULTED_TAG: 'invalid',
  DUPLICATE_PARAM: 'invalid',
  PARAM_CHANGED: 'conflict',
  INVALID_PARAM_ORIGIN: 'invalid',
  INVALID_RUN_STATUS: 'invalid',
  INPUT_TOO_LARGE: 'invalid',
  TOO_MANY_MODELS: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
