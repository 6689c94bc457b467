import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'FREEZE_NOT_FOUND' | 'FREEZE_EXISTS' | 'INVALID_FREEZE';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  FREEZE_NOT_FOUND: 'missing',
  FREEZE_EXISTS: 'conflict',
  INVALID_FREEZE: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
