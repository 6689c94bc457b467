import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'EMPTY_SEGMENT' | 'OTHER_EXPERIMENT';

export const refusals: Readonly<Record<Code, RefusalKind>> = { EMPTY_SEGMENT: 'invalid', OTHER_EXPERIMENT: 'conflict' };

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
