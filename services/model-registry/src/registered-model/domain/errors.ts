import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'MODEL_NOT_FOUND' | 'MODEL_EXISTS' | 'INVALID_MODEL_NAME' | 'INVALID_ALIAS' | 'UNKNOWN_GATE' | 'VERSION_NOT_FOUND' | 'VERSION_EXISTS';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  MODEL_NOT_FOUND: 'missing',
  MODEL_EXISTS: 'conflict',
  INVALID_MODEL_NAME: 'invalid',
  INVALID_ALIAS: 'invalid',
  UNKNOWN_GATE: 'invalid',
  VERSION_NOT_FOUND: 'missing',
  VERSION_EXISTS: 'conflict',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
