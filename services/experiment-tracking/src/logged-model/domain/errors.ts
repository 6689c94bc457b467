import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code =
  | 'LOGGED_MODEL_NOT_FOUND'
  | 'LOGGED_MODEL_EXISTS'
  | 'INVALID_LOGGED_MODEL_NAME'
  | 'INVALID_LOGGED_MODEL_STATUS'
  | 'DUPLICATE_PARAM'
  | 'PARAM_CHANGED'
  | 'TAG_NOT_FOUND';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  LOGGED_MODEL_NOT_FOUND: 'missing',
  LOGGED_MODEL_EXISTS: 'conflict',
  INVALID_LOGGED_MODEL_NAME: 'invalid',
  INVALID_LOGGED_MODEL_STATUS: 'invalid',
  DUPLICATE_PARAM: 'invalid',
  PARAM_CHANGED: 'conflict',
  TAG_NOT_FOUND: 'missing',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
