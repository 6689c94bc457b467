import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openView, type ViewHarness } from '../../../../test/support/view-harness.js';
import { ArtifactRow } from './artifact.entity.js';
import { ArtifactTreeProjection } from './artifact-tree.projection.js';
import { ArtifactTreeQuery } from './artifact-tree.query.js';

const logged = (path: string, digest = 'sha256:a') => ({ type: 'cairn.tracking.v1.ArtifactLogged' as const, data: { runId: 'r', path, digest, sizeBytes: 5n } });
const removed = (path: string, runId = 'r') => ({ type: 'cairn.tracking.v1.ArtifactRemoved' as const, data: { runId, path } });
const ofModel = (path: string) => ({
  type: 'cairn.tracking.v1.LoggedModelArtifactLogged' as const, data: { modelId: 'm-1', path, digest: 'sha256:m', sizeBytes: 1n },
});
const all = { limit: 100 };

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
    expect((await query.list('r', '', all)).map(({ name, isDirectory }) => [name, isDirectory])).toEqual([
      ['a%b', true], ['a.txt', false], ['a_b', true], ['d', true], ['deep', true],
    ]);
    expect(await query.list('r', 'd', all)).toEqual([{ name: 'e', isDirectory: true, sizeBytes: null }, { name: 'x', isDirectory: false, sizeBytes: '5' }]);
  });

  it('takes no character of a folder for a wildcard', async () => {
    expect((await query.list('r', 'a_b', all)).map(({ name }) => name)).toEqual(['x']);
    expect(await query.list('r', 'a%', all)).toEqual([]);
    expect(await query.list('r', 'a.txt', all)).toEqual([]);
  });

  it('goes on after a name', async () => {
    expect((await query.list('r', '', { limit: 2, after: 'a%b' })).map(({ name }) => name)).toEqual(['a.txt', 'a_b']);
  });

  it('removes a file, a folder with all below, or everything, however the events are cut into batches', async () => {
    const events = (runId: string) => [
      { ...logged('d/x'), data: { ...logged('d/x').data, runId } }, { ...logged('dd'), data: { ...logged('dd').data, runId } }, removed('d', runId),
      { ...logged('d/y'), data: { ...logged('d/y').data, runId } },
    ];
    const projection = new ArtifactTreeProjection();
    await view.apply(projection, ...events('at-once'));
    for (const event of events('one-by-one')) await view.apply(projection, event);
    for (const runId of ['at-once', 'one-by-one']) {
      expect((await query.list(runId, 'd', all)).map(({ name }) => name)).toEqual(['y']);
      expect(await query.find(runId, 'dd')).not.toBeNull();
      await view.apply(projection, removed('', runId));
      expect(await query.list(runId, '', all)).toEqual([]);
    }
  });

  it('keeps the files of logged models beside those of runs', async () => {
    const gone = { type: 'cairn.tracking.v1.LoggedModelArtifactRemoved' as const, data: { modelId: 'm-1', path: 'model.pkl' } };
    await view.apply(new ArtifactTreeProjection(), ofModel('MLmodel'), ofModel('model.pkl'), gone);
    expect((await query.list('m-1', '', all)).map(({ name }) => name)).toEqual(['MLmodel']);
  });
});
