import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchTabular } from './testing/scratch-tabular.js';
import { writeTable } from './testing/write-table.js';
import { Tabular } from './tabular.js';

const ENDLESS = 'SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(10000000) AS b';

describe('Tabular', () => {
  let started: Awaited<ReturnType<typeof scratchTabular>>;
  let tabular: Tabular;
  let file: string;

  beforeAll(async () => {
    started = await scratchTabular();
    tabular = started.tabular;
    file = await writeTable(tabular, { name: 'VARCHAR', size: 'BIGINT' }, [
      { name: 'a', size: 1 },
      { name: 'b', size: 2 },
      { name: 'c', size: null },
    ]);
  });
  afterAll(() => started.close());

  describe('query', () => {
    it('binds parameters by place and by name and never reads them as SQL', async () => {
      const hostile = "'; DROP TABLE x; --";
      expect(await tabular.query('SELECT $1 AS a, $2 AS b', [hostile, 7])).toEqual([{ a: hostile, b: 7 }]);
      expect(await tabular.query('SELECT name FROM items WHERE size > $least', { least: 1 }, { tables: { items: file } })).toEqual([{ name: 'b' }]);
    });

    it('answers integers as numbers where they are safe and as texts above', async () => {
      expect(await tabular.query('SELECT 9007199254740991::BIGINT AS safe, 9007199254740993::BIGINT AS large, [1::BIGINT] AS list')).toEqual([
        { safe: 9007199254740991, large: '9007199254740993', list: [1] },
      ]);
    });

    it('reads times in UTC whatever the machine thinks', async () => {
      expect(await tabular.query("SELECT current_setting('TimeZone') AS zone, '2001-02-03T04:05:06+01:00'::TIMESTAMPTZ::TIMESTAMP AS time")).toEqual([
        { zone: 'UTC', time: '2001-02-03 03:05:06' },
      ]);
    });

    it('unites the files of a table and numbers the rows of each on request', async () => {
      const rows = await tabular.query('SELECT name, file_row_number AS n FROM items ORDER BY ALL', [], { tables: { items: [file, file] }, rowNumbers: true });
      expect(rows.map(({ name, n }) => `${name}${n}`)).toEqual(['a0', 'a0', 'b1', 'b1', 'c2', 'c2']);
    });

    it('refuses a result above the bounds instead of cutting it', async () => {
      await expect(tabular.query('SELECT * FROM range(11)', [], { maxRows: 10 })).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' });
      await expect(tabular.query("SELECT repeat('x', 2000)", [], { maxBytes: 1_000 })).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' });
      expect(await tabular.query('SELECT * FROM range(10)', [], { maxRows: 10 })).toHaveLength(10);
    });

    it('keeps what the engine said out of the public message', async () => {
      const refused = tabular.query('SELECT * FROM nowhere');
      await expect(refused).rejects.toMatchObject({ code: 'QUERY_FAILED', message: 'The query engine could not answer.' });
    });
  });

  describe('files', () => {
    it('reads nothing that was not handed in, not even by path', async () => {
      const outside = join(started.directory, 'outside.csv');
      await writeFile(outside, 'a\n1\n');
      for (const path of [outside, '/etc/hostname', `${file}/../../../../outside.csv`]) {
        await expect(tabular.query(`SELECT * FROM read_text('${path}')`)).rejects.toMatchObject({ code: 'QUERY_FAILED' });
      }
      await expect(tabular.query(`COPY (SELECT 1) TO '${join(started.directory, 'out.csv')}'`)).rejects.toMatchObject({ code: 'QUERY_FAILED' });
      await expect(tabular.query('SET enable_external_access = true')).rejects.toMatchObject({ code: 'QUERY_FAILED' });
    });

    it('says that a file cannot be read without saying which', async () => {
      const missing = tabular.describe('/nowhere/secret.parquet');
      await expect(missing).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
      await expect(missing).rejects.not.toThrow(/secret/);
    });

    it('writes the same bytes twice and leaves nothing behind when it fails', async () => {
      const first = await tabular.copyToParquet('SELECT range AS n FROM range(300000) ORDER BY n');
      const second = await tabular.copyToParquet('SELECT range AS n FROM range(300000) ORDER BY n');
      expect(first).toMatchObject({ rowCount: 300_000, sizeBytes: second.sizeBytes });
      const out = join(first.path, '..');
      const before = await readdir(out);
      await expect(tabular.copyToParquet("SELECT CASE WHEN range > 200000 THEN error('late') ELSE range END AS n FROM range(300000)")).rejects.toMatchObject({
        code: 'QUERY_FAILED',
      });
      expect(await readdir(out)).toEqual(before);
      expect(await readdir(join(out, '../in'))).toEqual([]);
    });
  });

  describe('the engine process', () => {
    it('stops working on a question that was cancelled and goes on with the others', async () => {
      const abort = new AbortController();
      const cancelled = tabular.query(ENDLESS, [], { signal: abort.signal });
      const other = tabular.query('SELECT 1 AS one');
      abort.abort();
      await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(await other).toEqual([{ one: 1 }]);
      await expect(tabular.query('SELECT 1', [], { signal: abort.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    });

    it('fails what was under way when it crashes, and the next question starts a fresh one', async () => {
      const lost = Promise.allSettled([tabular.query(ENDLESS), tabular.query(ENDLESS)]);
      expect(await tabular.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      const crashed = tabular.enginePid!;
      process.kill(crashed, 'SIGKILL');
      for (const outcome of await lost) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ENGINE_CRASHED' } });
      expect(await tabular.query('SELECT count(*) AS n FROM items', [], { tables: { items: file } })).toEqual([{ n: 3 }]);
      expect(tabular.enginePid).not.toBe(crashed);
    });

    it('fails what is under way when it is closed, and removes its files', async () => {
      const own = await scratchTabular();
      const { path } = await own.tabular.copyToParquet('SELECT 1 AS one');
      const open = own.tabular.query(ENDLESS);
      const [, outcome] = await Promise.allSettled([own.tabular.close(), open]);
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
      expect(existsSync(path)).toBe(false);
      await expect(own.tabular.query('SELECT 1')).rejects.toMatchObject({ code: 'CLOSED' });
      await own.close();
    });
  });
});
