import { newId } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import { MemoryEventStore } from './memory/memory-event-store.js';
import { StateLoader } from './state-loader.js';
import { keptAliases, type AliasEvent } from './testing/kept-aliases.js';

const STREAMS = 300;
const EVENTS = 2_000;
const moved: AliasEvent = { type: 'cairn.registry.v1.AliasMoved', data: { modelId: 'm', alias: 'a', versionId: 'v', version: 1, previousVersionId: '' } };

/** Of so many long streams, those that are still remembered after the last was appended to. */
function remembered(entries: number): number {
  const decider = { ...keptAliases, evolve: () => ['the last'], snapshot: { ...keptAliases.snapshot, entries: () => entries } };
  const loader = new StateLoader(new MemoryEventStore());
  const events = Array.from({ length: EVENTS }, () => moved);
  const streams = Array.from({ length: STREAMS }, () => `model-${newId()}`);
  for (const stream of streams) loader.appended(decider, stream, loader.blank(decider), events, events.map(() => newId()));
  return streams.filter((stream) => loader.recall(decider, stream) !== undefined).length;
}

describe('StateLoader', () => {
  it('remembers hundreds of long streams at once, where their states are small', () => {
    expect(remembered(3)).toBe(STREAMS);
  });

  it('forgets the oldest, where their states fill the room', () => {
    const kept = remembered(2_000);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(STREAMS / 2);
  });
});
