import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'TRIGGER_EXISTS' | 'TRIGGER_NOT_FOUND' | 'INVALID_TRIGGER';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  TRIGGER_EXISTS: 'conflict',
  TRIGGER_NOT_FOUND: 'missing',
  INVALID_TRIGGER: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
