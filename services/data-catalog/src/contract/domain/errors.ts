import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'CONTRACT_VERSION_EXISTS';

export const refusals: Readonly<Record<Code, RefusalKind>> = { CONTRACT_VERSION_EXISTS: 'conflict' };

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
