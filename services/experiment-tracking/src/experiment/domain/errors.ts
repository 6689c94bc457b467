import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code =
  | 'EXPERIMENT_NOT_FOUND'
  | 'EXPERIMENT_EXISTS'
  | 'EXPERIMENT_DELETED'
  | 'INVALID_EXPERIMENT_NAME'
  | 'INVALID_CRITERIA'
  | 'TAG_NOT_FOUND';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  EXPERIMENT_NOT_FOUND: 'missing',
  EXPERIMENT_EXISTS: 'conflict',
  EXPERIMENT_DELETED: 'conflict',
  INVALID_EXPERIMENT_NAME: 'invalid',
  INVALID_CRITERIA: 'invalid',
  TAG_NOT_FOUND: 'missing',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
