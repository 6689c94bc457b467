import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code =
  | 'MODEL_NOT_FOUND'
  | 'MODEL_EXISTS'
  | 'INVALID_MODEL_NAME'
  | 'INVALID_ALIAS'
  | 'TOO_MANY_ALIASES'
  | 'UNKNOWN_GATE'
  | 'BUDGET_MISSING'
  | 'TOO_MANY_POLICIES'
  | 'NAME_DEMANDS_GATES'
  | 'INVALID_STAGE'
  | 'STAGE_FULL'
  | 'VERSION_NOT_FOUND'
  | 'VERSION_EXISTS';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  MODEL_NOT_FOUND: 'missing',
  MODEL_EXISTS: 'conflict',
  INVALID_MODEL_NAME: 'invalid',
  INVALID_ALIAS: 'invalid',
  TOO_MANY_ALIASES: 'invalid',
  UNKNOWN_GATE: 'invalid',
  BUDGET_MISSING: 'invalid',
  TOO_MANY_POLICIES: 'invalid',
  NAME_DEMANDS_GATES: 'unmet',
  INVALID_STAGE: 'invalid',
  STAGE_FULL: 'invalid',
  VERSION_NOT_FOUND: 'missing',
  VERSION_EXISTS: 'conflict',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
