import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openView, type ViewHarness } from '../../../../test/support/view-harness.js';
import { ArtifactRow } from './artifact.entity.js';
import { ArtifactTreeProjection } from './artifact-tree.projection.js';
import { ArtifactTreeQuery } from './artifact-tree.query.js';

const logged = (path: string, digest = 'sha256:a') => ({ type: 'cairn.tracking.v1.ArtifactLogged' as const, data: { runId: 'r', path, digest, sizeBytes: 5n } });

describe('artifact tree', () => {
  let view: ViewHarness;
  let query: ArtifactTreeQuery;
  beforeAll(async () => {
    view = await openView(ArtifactRow);
    query = new ArtifactTreeQuery(view.dataSource);
    const events = ['a.txt', 'a_b/x', 'a%b/x', 'd/x', 'd/e/y', 'd/e/z', 'deep/d/x'].map((path) => logged(path));
    await view.apply(new ArtifactTreeProjection(), ...events, logged('a.txt', 'sha256:b'));
  });
  afterAll(() => view.close());

  it('holds the last content of a path', async () => {
    expect((await query.find('r', 'a.txt'))?.digest).toBe('sha256:b');
    expect(await query.find('other', 'a.txt')).toBeNull();
  });

  it('lists what lies directly in a folder', async () => {
    expect((await query.list('r', '')).map(({ name, isDirectory }) => [name, isDirectory])).toEqual([
      ['a%b', true], ['a.txt', false], ['a_b', true], ['d', true], ['deep', true],
    ]);
    expect(await query.list('r', 'd')).toEqual([{ name: 'e', isDirectory: true, sizeBytes: null }, { name: 'x', isDirectory: false, sizeBytes: '5' }]);
  });

  it('takes no character of a folder for a wildcard', async () => {
    expect((await query.list('r', 'a_b')).map(({ name }) => name)).toEqual(['x']);
    expect(await query.list('r', 'a%')).toEqual([]);
    expect(await query.list('r', 'a.txt')).toEqual([]);
  });
});
