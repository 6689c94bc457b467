import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'WEBHOOK_NOT_FOUND' | 'WEBHOOK_EXISTS' | 'INVALID_WEBHOOK';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  WEBHOOK_NOT_FOUND: 'missing',
  WEBHOOK_EXISTS: 'conflict',
  INVALID_WEBHOOK: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
