import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'EMPTY_SEGMENT' | 'EMPTY_LABELS' | 'INVALID_LOSS' | 'NOTHING_EXPIRED' | 'OTHER_DEPLOYMENT';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  EMPTY_SEGMENT: 'invalid',
  EMPTY_LABELS: 'invalid',
  INVALID_LOSS: 'invalid',
  NOTHING_EXPIRED: 'invalid',
  OTHER_DEPLOYMENT: 'conflict',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
