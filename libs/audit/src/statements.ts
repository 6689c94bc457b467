import type { Manifest } from './manifest.js';

/** What no verification of any log can show. The same words stand in the bundle's README.txt and are said by the verifiers in Python and Go. */
export const NEVER_PROVED: readonly string[] = [
  'That an event was true when it was written.',
  'That nothing happened which was never submitted to the log.',
  'When something happened by the clock on the wall: times in events are what the writer’s clock said; only a cosignature bounds them, by its own time.',
  'That the log is, was or will be available.',
  'That schemas/events.binpb is what the writers used: the log does not commit to it.',
];

/** What this bundle, looked at in this way, leaves open. */
export function openQuestions({ from, to, size }: Manifest, evidence: { keyGiven: boolean; policyGiven: boolean }): string[] {
  const open: string[] = [];
  if (!evidence.keyGiven) open.push('That the key is the log’s: it came with the bundle. Give the key that reached you another way (--key).');
  if (!evidence.policyGiven) open.push('That others were shown the same log: no policy said which witnesses must have cosigned the checkpoint (--policy).');
  if (from > 0n) open.push(`Anything about what the events below position ${from} say: they are not in the bundle.`);
  if (to < size) open.push(`Anything about what the events from position ${to} on say: they are not in the bundle.`);
  open.push(`Anything about events at and above position ${size}, which the checkpoint does not cover.`);
  return [...open, ...NEVER_PROVED];
}
