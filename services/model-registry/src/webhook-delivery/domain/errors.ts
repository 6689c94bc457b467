import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'ATTEMPT_OUT_OF_TURN';

export const refusals: Readonly<Record<Code, RefusalKind>> = { ATTEMPT_OUT_OF_TURN: 'conflict' };

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
