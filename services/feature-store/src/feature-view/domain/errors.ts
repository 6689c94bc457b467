import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'DUPLICATE_FEATURE' | 'WINDOW_INCOMPLETE' | 'ROW_FEATURE_INCOMPLETE';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  DUPLICATE_FEATURE: 'invalid',
  WINDOW_INCOMPLETE: 'invalid',
  ROW_FEATURE_INCOMPLETE: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
