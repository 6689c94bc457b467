import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot, SnapshotStore } from '../snapshots/snapshot-store.js';

export interface SnapshotsUnderTest {
  readonly store: SnapshotStore;
  /** The same snapshots as another process has them; the store itself, where no other process can. */
  readonly other: SnapshotStore;
  close(): Promise<void>;
}

const snapshot = (changes: Partial<Snapshot> = {}): Snapshot => ({ stream: 'thing-a', version: 1, revision: 9n, body: '{"state":"é😀\\u0000"}', checksum: 'c', ...changes });

/** What every store of snapshots promises. */
export function snapshotStoreContract(name: string, open: () => Promise<SnapshotsUnderTest>): void {
  describe(`${name} keeps the contract of the snapshot store`, () => {
    let test: SnapshotsUnderTest;
    let store: SnapshotStore;
    let other: SnapshotStore;
    beforeEach(async () => {
      test = await open();
      ({ store, other } = test);
    });
    afterEach(() => test.close());

    it('knows nothing at first', async () => {
      expect(await store.find('thing-a', 1)).toBeUndefined();
    });

    it('gives back what was saved, to every process', async () => {
      await store.save(snapshot());
      await store.save(snapshot({ stream: 'thing-b', revision: 9_007_199_254_740_993n }));
      expect(await other.find('thing-a', 1)).toEqual(snapshot());
      expect(await other.find('thing-b', 1)).toEqual(snapshot({ stream: 'thing-b', revision: 9_007_199_254_740_993n }));
      expect(await other.find('thing-c', 1)).toBeUndefined();
    });

    it('keeps the one saved last, also when it covers less: the log may have been restored to an earlier state', async () => {
      await store.save(snapshot());
      await other.save(snapshot({ revision: 20n }));
      expect(await store.find('thing-a', 1)).toMatchObject({ revision: 20n });
      await store.save(snapshot({ revision: 3n }));
      await store.save(snapshot({ revision: 3n }));
      expect(await other.find('thing-a', 1)).toMatchObject({ revision: 3n });
    });

    it('keeps one for each version that is in use, and those of lower ones until a higher one is saved', async () => {
      await store.save(snapshot({ version: 2 }));
      await other.save(snapshot({ version: 1 }));
      expect([await store.find('thing-a', 1), await store.find('thing-a', 2)]).toMatchObject([{ version: 1 }, { version: 2 }]);
      await store.save(snapshot({ version: 2, revision: 12n }));
      expect(await other.find('thing-a', 1)).toBeUndefined();
      expect(await other.find('thing-a', 2)).toMatchObject({ revision: 12n });
    });

    it('lets many save at once', async () => {
      const streams = Array.from({ length: 5 }, (_, index) => `thing-${index}`);
      await Promise.all([store, other, store, other].flatMap((each) => streams.map((stream, index) => each.save(snapshot({ stream, revision: BigInt(index) })))));
      expect(await Promise.all(streams.map((stream) => store.find(stream, 1)))).toMatchObject(streams.map((stream, index) => ({ stream, revision: BigInt(index) })));
    });

    it('takes nothing more once it is closed, and complains to nobody', async () => {
      await store.close();
      await store.save(snapshot());
      await store.close();
    });
  });
}
