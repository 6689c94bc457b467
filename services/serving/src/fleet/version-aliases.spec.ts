import { describe, expect, it } from 'vitest';
import { VersionAliases, type AliasEvent } from './version-aliases.js';

const promoted = (versionId: string): AliasEvent => ({ type: 'cairn.registry.v1.VersionPromoted', data: { versionId, alias: 'champion' } });
const moved = (versionId: string, previousVersionId: string): AliasEvent => ({
  type: 'cairn.registry.v1.AliasMoved',
  data: { modelId: 'm', alias: 'champion', versionId, version: 2, previousVersionId },
});
const removed = (previousVersionId: string): AliasEvent => ({ type: 'cairn.registry.v1.AliasRemoved', data: { modelId: 'm', alias: 'champion', previousVersionId } });

function carriers(...events: AliasEvent[]): string[] {
  const aliases = new VersionAliases();
  for (const event of events) aliases.apply(event);
  return ['v1', 'v2'].filter((versionId) => aliases.carries(versionId, 'champion'));
}

describe('aliases of versions', () => {
  it('belong to whoever was promoted last, until they are removed', () => {
    expect(carriers(promoted('v1'))).toEqual(['v1']);
    expect(carriers(promoted('v1'), moved('v1', ''), moved('v1', 'v1'))).toEqual(['v1']);
    expect(carriers(promoted('v1'), promoted('v2'), moved('v2', 'v1'))).toEqual(['v2']);
    expect(carriers(promoted('v1'), removed('v1'))).toEqual([]);
  });

  it('are not given by a move that no gate has let through', () => {
    expect(carriers(moved('v2', 'v1'))).toEqual([]);
  });

  it('are the same when events come again', () => {
    const events = [promoted('v1'), promoted('v2'), moved('v2', 'v1')];
    expect(carriers(...events, ...events)).toEqual(['v2']);
  });
});
