import type { Refusal } from '@cairn/kernel';
import type { StartRollout } from './commands.js';
import { refuse, type Code } from './errors.js';

/** Why the version may not run in a deployment of `modelName`; undefined when it may. */
export function refuseUnlessServable(
  { modelName: belongsTo, promotedAliases, unservable }: Pick<StartRollout['data'], 'modelName' | 'promotedAliases' | 'unservable'>,
  modelName: string,
): Refusal<Code> | undefined {
  if (belongsTo !== modelName) return refuse('VERSION_OF_ANOTHER_MODEL', `The version belongs to ${belongsTo}; this deployment runs versions of ${modelName}.`);
  if (promotedAliases.length === 0) return refuse('VERSION_NOT_PROMOTED', 'The version carries no alias that the gates of the registry let it have. Promote it first.');
  return unservable === undefined ? undefined : refuse('VERSION_NOT_SERVABLE', unservable);
}
