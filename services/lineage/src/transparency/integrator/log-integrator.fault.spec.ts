import { mkdir, readFile, rm } from 'node:fs/promises';
import { MerkleTree, openCheckpoint, hashLeaf } from '@cairn/transparency';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LineageLog } from '../../../test/lineage-log.js';

describe('the integrator', () => {
  let log: LineageLog;
  beforeEach(async () => {
    log = await LineageLog.open();
  });
  afterEach(() => log.close());

  /** What the log must have signed, computed from its events alone. */
  async function rootOfLog(size: number): Promise<Uint8Array> {
    const tree = new MerkleTree();
    for (let next = 0n; next < BigInt(size); ) {
      const page = await log.store.readRecords(next, { limit: size - Number(next) });
      for (const { body } of page.events) tree.append(hashLeaf(body));
      next = page.next;
    }
    return tree.root();
  }

  async function expectSound(size: number): Promise<void> {
    const { treeSize, published } = await log.tree.head();
    expect(treeSize).toBe(BigInt(size));
    const checkpoint = openCheckpoint(published!.note, log.key.verifier);
    expect(checkpoint.size).toBe(BigInt(size));
    expect(Buffer.from(checkpoint.root).toString('hex')).toBe(Buffer.from(await rootOfLog(size)).toString('hex'));
    expect(await readFile(log.checkpointPath, 'utf8')).toBe(published!.note);
  }

  it('signs what is in the log, over several tiles, and goes on where it was', async () => {
    await log.append(700);
    await log.integrate();
    await expectSound(700);
    await log.append(100);
    await log.integrate();
    await expectSound(800);
  });

  describe('killed between the tiles and the checkpoint', () => {
    it('leaves no checkpoint; the next one signs the same tree', async () => {
      await log.append(300);
      const signer = await log.signer();
      // A folder in the place of the file: the tiles are written, and the signature can't be.
      await mkdir(`${log.checkpointPath}/in-the-way`, { recursive: true });
      await expect(log.integrateUntil(async () => false, signer)).rejects.toThrow();
      expect(await log.tree.head()).toEqual({ treeSize: 300n, published: undefined });

      await rm(log.checkpointPath, { recursive: true });
      await log.integrate();
      await expectSound(300);
    });

    it('having signed but not published: the next one publishes that very checkpoint', async () => {
      await log.append(300);
      await log.integrate();
      await log.append(5);
      await log.integrateUntil(async () => (await log.tree.head()).treeSize === 305n && (await log.tree.head()).published?.size === 305n);
      const note = await readFile(log.checkpointPath, 'utf8');
      await log.asSuperuser('UPDATE lineage.log_head SET signed_size = 0, note = NULL');

      await log.integrate();
      expect((await log.tree.head()).published?.note).toBe(note);
      await expectSound(305);
    });
  });

  it('two at once: the tree moves for one of them, and nothing is signed twice', async () => {
    await log.append(600);
    const size = async (): Promise<boolean> => (await log.tree.head()).published?.size === 600n;
    await Promise.allSettled([log.integrateUntil(size), log.integrateUntil(size)]);
    await log.integrate();
    await expectSound(600);
  });

  it('whose tiles were lost builds them again from the log, and goes on only because they agree with what was signed', async () => {
    await log.append(400);
    await log.integrate();
    await log.asSuperuser('DELETE FROM lineage.log_tile; UPDATE lineage.log_head SET tree_size = 0, signed_size = 0, note = NULL;');
    await log.append(10);
    await log.integrate();
    await expectSound(410);
  });

  describe('refuses to sign, and says why,', () => {
    it('when the database was rolled back behind the signed checkpoint', async () => {
      await log.append(300);
      await log.integrate();
      const note = await readFile(log.checkpointPath, 'utf8');
      await log.rollBackTo(200, true);

      await expect(log.integrate()).rejects.toMatchObject({ code: 'LOG_SHORTER', position: 200n });
      expect(await readFile(log.checkpointPath, 'utf8')).toBe(note);
    });

    it('when it was rolled back and went on differently', async () => {
      await log.append(300);
      await log.integrate();
      const note = await readFile(log.checkpointPath, 'utf8');
      await log.rollBackTo(200, true);
      await log.reopenStore();
      await log.append(150);

      await expect(log.integrate()).rejects.toMatchObject({ code: 'LOG_REWRITTEN' });
      expect(await readFile(log.checkpointPath, 'utf8')).toBe(note);
    });

    it('when only the events were rolled back and went on differently: the tiles tell', async () => {
      await log.append(300);
      await log.integrate();
      await log.rollBackTo(290, false);
      await log.reopenStore();
      await log.append(20);

      await expect(log.integrate()).rejects.toMatchObject({ code: 'RECORD_CHANGED', position: 290n });
    });

    it('when the whole database is another one', async () => {
      await log.append(300);
      await log.integrate();
      const other = await LineageLog.open(log.dataDir);
      await other.append(301);
      await expect(other.integrate()).rejects.toMatchObject({ code: 'LOG_REWRITTEN' });
      await other.close();
    });

    it('when an event was changed before it was hashed', async () => {
      await log.append(20);
      await log.asSuperuser(`UPDATE event_store.events SET body = replace(body, 'event 7', 'event 8') WHERE position = 7`);
      await expect(log.integrate()).rejects.toMatchObject({ code: 'RECORD_CHANGED', position: 7n });
      expect((await log.tree.head()).published).toBeUndefined();
    });

    it('and signs again once the right log is back', async () => {
      await log.append(300);
      await log.integrate();
      const rows = await log.dataSource.query<object[]>('SELECT * FROM event_store.events WHERE position >= 250');
      await log.rollBackTo(250, false);
      await expect(log.integrateUntil(async () => false)).rejects.toMatchObject({ code: 'LOG_SHORTER' });
      await log.asSuperuser('INSERT INTO event_store.events SELECT * FROM jsonb_populate_recordset(NULL::event_store.events, $1)', [JSON.stringify(rows.map(withHexLeaf))]);
      await log.asSuperuser('UPDATE event_store.log_head SET size = 300');

      await log.reopenStore();
      await log.append(1);
      await log.integrate();
      await expectSound(301);
    });
  });
});

function withHexLeaf(row: object): object {
  const { leaf } = row as { leaf: Buffer };
  return { ...row, leaf: `\\x${leaf.toString('hex')}` };
}
