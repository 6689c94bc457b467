import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'DATASET_EXISTS' | 'DATASET_NOT_FOUND';

export const refusals: Readonly<Record<Code, RefusalKind>> = { DATASET_EXISTS: 'conflict', DATASET_NOT_FOUND: 'missing' };

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
