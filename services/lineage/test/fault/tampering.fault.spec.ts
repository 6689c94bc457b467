import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@cairn/kernel';
import { tempDir } from '@cairn/testing';
import { compareCheckpoints, firstDifferingLeaf, rootFrom, sameHash, verifyConsistency, verifyCopy, verifyLog } from '@cairn/transparency';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AttackedLog, FORGET_TREE, HASH_AGAIN, streamOf } from './attacked-log.js';

const EVENTS = 40;

/** Every case by somebody with superuser rights on the database: the guards of the tables are off, and the stored leaf hashes are made to fit. */
describe('somebody with superuser rights', () => {
  let log: AttackedLog;
  beforeEach(async () => {
    log = await AttackedLog.open();
    await log.append(EVENTS);
  });
  afterEach(() => log.close());

  const edit = (position: number, words = 'as it was not'): string => `UPDATE event_store.events SET body = replace(body, 'as it was', '${words}') WHERE position = ${position};`;
  const bad = (position: number, finding: string) => ({ verified: false, first_bad_position: String(position), finding });

  it('is refused by the triggers as long as they are on, also as a replica', async () => {
    const guarded = `GRANT ALL ON event_store.events TO CURRENT_USER; SET session_replication_role = replica; ${edit(17)}`;
    await expect(log.query(guarded)).rejects.toMatchObject({ code: '23001' });
    await expect(log.query(guarded.replace(edit(17), 'TRUNCATE event_store.events'))).rejects.toMatchObject({ code: '23001' });
    expect(await log.verify()).toMatchObject({ verified: true, entries_verified: true, tiles_verified: true, size: String(EVENTS) });
  });

  describe('edits a row', () => {
    it('and leaves its hash', async () => {
      await log.attack(edit(17));
      expect(await log.verify()).toMatchObject(bad(17, 'CHANGED'));
    });

    it('and its hash', async () => {
      await log.attack(edit(17) + HASH_AGAIN);
      expect(await log.verify()).toMatchObject({ ...bad(17, 'CHANGED'), entries_verified: false, tiles_verified: true });
    });

    it('its hash, and the tile: seen here, and placed by whoever kept the tiles or a copy of them', async () => {
      const kept = await log.keep();
      await log.attack(edit(17) + HASH_AGAIN + overwriteLeaf(17));
      expect(await log.verify()).toMatchObject({ verified: false, entries_verified: false, tiles_verified: false });
      expect(await verifyLog(log.entries(), kept.checkpoint, kept.tiles)).toMatchObject({ verified: false, firstBadPosition: 17n, tilesVerified: true });
      expect(await verifyCopy(log.lines(), { checkpoint: kept.note, verifierKey: kept.verifierKey, tiles: kept.tiles })).toMatchObject({
        verified: false,
        firstBadPosition: 17n,
        finding: 'CHANGED',
      });
    });

    it('of which only the columns that readers search by', async () => {
      await log.attack(`UPDATE event_store.events SET type = 'cairn.catalog.v1.DatasetRegistered' WHERE position = 9`);
      expect(await log.verify()).toMatchObject(bad(9, 'CHANGED'));
    });
  });

  describe('deletes a row', () => {
    it('and leaves a gap', async () => {
      await log.attack('DELETE FROM event_store.events WHERE position = 25');
      expect(await log.verify()).toMatchObject(bad(25, 'OUT_OF_ORDER'));
    });

    it('and closes the gap', async () => {
      await log.attack(`DELETE FROM event_store.events WHERE position = 25; ${shift(25, -1)} UPDATE event_store.log_head SET size = size - 1;`);
      expect(await log.verify()).toMatchObject(bad(25, 'CHANGED'));
    });

    it('the first one', async () => {
      await log.attack('DELETE FROM event_store.events WHERE position = 0');
      expect(await log.verify()).toMatchObject(bad(0, 'OUT_OF_ORDER'));
    });
  });

  it('inserts a row', async () => {
    const [row] = await log.query<{ body: string }>('SELECT body FROM event_store.events WHERE position = 12');
    const { id, subject }: { id: string; subject: string } = JSON.parse(row!.body);
    const smuggledId = newId();
    // As good as a falsifier can make it: canonical, with columns and hash that fit.
    const body = row!.body.replace(id, smuggledId).replace(subject, 'smuggled').replace('as it was', 'as it was not');
    await log.attack(`${shift(12, 1)}
      INSERT INTO event_store.events SELECT 12, 'smuggled', revision, '${smuggledId}', type, $body$${body}$body$, leaf FROM event_store.events WHERE position = 13;
      UPDATE event_store.log_head SET size = size + 1; ${HASH_AGAIN}`);
    expect(await log.verify()).toMatchObject(bad(12, 'CHANGED'));
  });

  describe('swaps', () => {
    it('two rows', async () => {
      await log.attack(`
        UPDATE event_store.events SET position = 1000 WHERE position = 30;
        UPDATE event_store.events SET position = 30 WHERE position = 20;
        UPDATE event_store.events SET position = 20 WHERE position = 1000`);
      expect(await log.verify()).toMatchObject(bad(20, 'CHANGED'));
    });

    it('two streams, by name alone', async () => {
      await log.attack(swapStreams(streamOf(8), streamOf(24), 'stream'));
      expect(await log.verify()).toMatchObject(bad(8, 'CHANGED'));
    });

    it('two streams, in the texts and the hashes too', async () => {
      await log.attack(swapStreams(streamOf(8), streamOf(24), 'stream') + swapStreams(streamOf(8), streamOf(24), 'body') + HASH_AGAIN);
      expect(await log.verify()).toMatchObject(bad(8, 'CHANGED'));
    });
  });

  describe('cuts the tail', () => {
    const cut = 'DELETE FROM event_store.events WHERE position >= 35; UPDATE event_store.log_head SET size = 35;';

    it('of the events', async () => {
      await log.attack(cut);
      expect(await log.verify()).toMatchObject(bad(35, 'MISSING'));
      expect(await log.refusal()).toMatchObject({ code: 'LOG_SHORTER', position: '35' });
    });

    it('of the events and of everything else in the database: the folder outside of it remembers', async () => {
      const kept = await log.keep();
      await log.stop();
      await log.attack(cut + FORGET_TREE);
      await log.start();
      expect(await log.refusal()).toMatchObject({ code: 'LOG_SHORTER', position: '35' });
      expect(await log.verify()).toMatchObject(bad(35, 'MISSING'));
      expect((await log.get('/checkpoint')).body).toBe(kept.note);
    });
  });

  describe('and with the log’s key and folder rebuilds the log and signs it again', () => {
    async function rebuild(): Promise<void> {
      await log.stop();
      await log.attack(edit(17) + HASH_AGAIN + FORGET_TREE);
      await rm(join(log.dataDir, 'lineage', 'signed-checkpoint'));
      await log.start();
    }

    it('as long as it was: whoever kept a checkpoint sees a fork, and with its tiles the place', async () => {
      const kept = await log.keep();
      await rebuild();
      await log.signed(EVENTS);
      // From here, nothing is wrong: only what lies elsewhere can tell.
      expect(await log.verify()).toMatchObject({ verified: true });
      const shown = await log.keep();
      expect(compareCheckpoints(kept.checkpoint, shown.checkpoint)).toBe('FORKED');
      expect(await firstDifferingLeaf(kept.tiles, log.servedTiles, kept.checkpoint.size)).toBe(17n);
    });

    it('and lets it grow: the consistency proof fails', async () => {
      const kept = await log.keep();
      await rebuild();
      await log.append(20);
      const shown = await log.keep();
      const proof = await log.proof(kept.checkpoint.size, shown.checkpoint.size);
      const claim = { from: kept.checkpoint.size, fromRoot: kept.checkpoint.root, to: shown.checkpoint.size, toRoot: shown.checkpoint.root, proof };
      expect(verifyConsistency(claim)).toBe(false);
      expect(compareCheckpoints(kept.checkpoint, shown.checkpoint, proof)).toBe('FORKED');
      expect(await firstDifferingLeaf(kept.tiles, log.servedTiles, kept.checkpoint.size)).toBe(17n);
      expect(await verifyLog(log.entries(), kept.checkpoint, kept.tiles)).toMatchObject({ verified: false, firstBadPosition: 17n, finding: 'CHANGED' });
    });
  });

  describe('and with the log’s key shows a fork to two auditors', () => {
    let other: AttackedLog;
    beforeEach(async () => {
      const dataDir = tempDir('forked');
      await cp(join(log.dataDir, 'lineage', 'log.key'), join(dataDir, 'lineage', 'log.key'));
      other = await AttackedLog.open(dataDir);
      // The same events up to the fork, byte for byte.
      const rows = await log.query<Record<string, string>>(
        `SELECT position, stream, revision, event_id, type, body, '\\x' || encode(leaf, 'hex') AS leaf FROM event_store.events WHERE position < 36`,
      );
      await other.attack(`
        INSERT INTO event_store.events SELECT * FROM jsonb_populate_recordset(NULL::event_store.events, $rows$${JSON.stringify(rows)}$rows$);
        UPDATE event_store.log_head SET size = 36`);
      await other.stop();
      await other.start();
    });
    afterEach(() => other.close());

    it('of one size: the two checkpoints are enough, and the tiles say where', async () => {
      await other.append(4, 'in the other history');
      const [mine, yours] = [await log.keep(), await other.keep()];
      expect(compareCheckpoints(mine.checkpoint, yours.checkpoint)).toBe('FORKED');
      expect(await firstDifferingLeaf(mine.tiles, yours.tiles, mine.checkpoint.size)).toBe(36n);
      expect(sameHash(await rootFrom(mine.tiles, mine.checkpoint.size), mine.checkpoint.root)).toBe(true);
      expect(sameHash(await rootFrom(yours.tiles, yours.checkpoint.size), yours.checkpoint.root)).toBe(true);
    });

    it('of two sizes: no proof leads from one to the other', async () => {
      await other.append(12, 'in the other history');
      const [mine, yours] = [await log.keep(), await other.keep()];
      expect(compareCheckpoints(mine.checkpoint, yours.checkpoint)).toBe('UNPROVED');
      expect(compareCheckpoints(mine.checkpoint, yours.checkpoint, await other.proof(mine.checkpoint.size, yours.checkpoint.size))).toBe('FORKED');
      expect(await firstDifferingLeaf(mine.tiles, yours.tiles, mine.checkpoint.size)).toBe(36n);
    });
  });

  describe('edits a tile', () => {
    const badTile = (tile: string, from: number, to: number, firstBad: number) => ({
      verified: false,
      tiles_verified: false,
      bad_tile: { tile, finding: 'TILE_CHANGED', from: String(from), to: String(to), first_bad_position: String(firstBad) },
    });

    it('of leaves: the tile and the position are named, and that the entries are sound', async () => {
      await log.attack(flip(0, 23));
      const verdict = await log.verify();
      expect(verdict).toMatchObject({ ...badTile('tile/0/000.p/40', 0, 39, 23), entries_verified: true });
      expect(verdict).not.toHaveProperty('first_bad_position');
    });

    it('of a higher level: the first position that the hash stands for is named', async () => {
      await log.append(600 - EVENTS);
      await log.attack(flip(1, 1));
      expect(await log.verify()).toMatchObject({ ...badTile('tile/1/000.p/2', 0, 511, 256), entries_verified: true });
    });

    it('and an event elsewhere: both are named', async () => {
      await log.append(600 - EVENTS);
      await log.attack(flip(0, 23) + edit(300) + HASH_AGAIN);
      expect(await log.verify()).toMatchObject({ ...badTile('tile/0/000', 0, 255, 0), entries_verified: false });
    });

    it('that proofs need: the next signature is refused, since the edited tree is no continuation', async () => {
      await log.append(600 - EVENTS);
      await log.stop();
      await log.attack(flip(1, 1));
      await log.start();
      expect(await log.refusal()).toMatchObject({ code: 'LOG_REWRITTEN' });
      expect(await log.verify()).toMatchObject({ ...badTile('tile/1/000.p/2', 0, 511, 256), entries_verified: true });
    });
  });

  describe('replays an old checkpoint', () => {
    const rewind = (note: string): string => `UPDATE lineage.log_head SET signed_size = ${EVENTS}, note = $note$${note}$note$;`;

    it('in the database: the service goes on serving the newest that it signed', async () => {
      const old = await log.keep();
      await log.append(20);
      const kept = await log.keep();
      await log.stop();
      await log.attack(rewind(old.note));
      await log.start();
      await log.signed(EVENTS + 20);
      expect((await log.get('/checkpoint')).body).toBe(kept.note);
    });

    it('and cuts the log to it: refused here, and seen by whoever kept the newer one', async () => {
      const old = await log.keep();
      await log.append(20);
      const kept = await log.keep();
      await log.stop();
      await log.attack(`DELETE FROM event_store.events WHERE position >= ${EVENTS}; UPDATE event_store.log_head SET size = ${EVENTS}; ${FORGET_TREE} ${rewind(old.note)}`);
      await log.start();
      expect(await log.refusal()).toMatchObject({ code: 'LOG_SHORTER', position: String(EVENTS) });
      expect(await log.verify()).toMatchObject(bad(EVENTS, 'MISSING'));
      expect(compareCheckpoints(kept.checkpoint, old.checkpoint)).toBe('OLDER');
      expect(await verifyLog(log.entries(), kept.checkpoint, kept.tiles)).toMatchObject({ firstBadPosition: BigInt(EVENTS), finding: 'MISSING' });
    });
  });
});

/** Moves all events from a position on, past numbers that none has. */
function shift(from: number, by: number): string {
  return `UPDATE event_store.events SET position = position + 1000000 WHERE position >= ${from};
    UPDATE event_store.events SET position = position - 1000000 + ${by} WHERE position >= 1000000;`;
}

function swapStreams(one: string, other: string, column: 'stream' | 'body'): string {
  const put = (what: string, by: string): string => `UPDATE event_store.events SET ${column} = replace(${column}, '${what}', '${by}');`;
  return put(one, 'aside') + put(other, one) + put('aside', other);
}

/** The leaf's place in its tile gets the hash of the event as it reads now. */
function overwriteLeaf(position: number): string {
  return `UPDATE lineage.log_tile SET hashes = overlay(hashes PLACING (SELECT leaf FROM event_store.events WHERE position = ${position}) FROM ${position * 32 + 1} FOR 32)
    WHERE level = 0 AND index = 0;`;
}

/** One bit of one hash. */
function flip(level: number, offset: number): string {
  return `UPDATE lineage.log_tile SET hashes = set_bit(hashes, ${offset * 256}, 1 - get_bit(hashes, ${offset * 256})) WHERE level = ${level} AND index = 0;`;
}
