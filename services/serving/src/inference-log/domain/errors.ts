import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'EMPTY_SEGMENT' | 'EMPTY_LABELS' | 'OTHER_DEPLOYMENT';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  EMPTY_SEGMENT: 'invalid',
  EMPTY_LABELS: 'invalid',
  OTHER_DEPLOYMENT: 'conflict',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
