import { stageOfTarget } from '../domain/stage.js';

/** What gates guard: an alias, or a stage. */
export function convertTarget(target: string): { readonly alias: string } | { readonly stage: string } {
  const stage = stageOfTarget(target);
  return stage === undefined ? { alias: target } : { stage };
}
