import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'EXPERIMENT_NOT_FOUND' | 'EXPERIMENT_EXISTS' | 'INVALID_EXPERIMENT_NAME' | 'INVALID_CRITERIA';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  EXPERIMENT_NOT_FOUND: 'missing',
  EXPERIMENT_EXISTS: 'conflict',
  INVALID_EXPERIMENT_NAME: 'invalid',
  INVALID_CRITERIA: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
