import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'TRAINING_SET_EXISTS' | 'TRAINING_SET_NOT_FOUND' | 'NOT_CERTIFIED' | 'EMPTY_RANGE' | 'LEAKAGE_NOT_CHECKED' | 'ALREADY_DECIDED';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  TRAINING_SET_EXISTS: 'conflict',
  TRAINING_SET_NOT_FOUND: 'missing',
  NOT_CERTIFIED: 'unmet',
  EMPTY_RANGE: 'invalid',
  LEAKAGE_NOT_CHECKED: 'unmet',
  ALREADY_DECIDED: 'conflict',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
