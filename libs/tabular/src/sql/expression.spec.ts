import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchTabular } from '../testing/scratch-tabular.js';
import { writeTable } from '../testing/write-table.js';

describe('expressions of users', () => {
  let started: Awaited<ReturnType<typeof scratchTabular>>;
  let file: string;
  beforeAll(async () => {
    started = await scratchTabular();
    file = await writeTable(started.tabular, { date: 'TIMESTAMP', delay: 'BIGINT', origin: 'VARCHAR', 'odd "name': 'DOUBLE' }, []);
  });
  afterAll(() => started.close());

  const typeOf = async (sql: string, use: 'number' | 'time' | 'any' = 'any'): Promise<string> =>
    (await started.tabular.resolveExpressions(file, [{ sql, use }]))[0]!;

  it.each([
    ['delay', 'BIGINT'],
    ['DELAY + 1', 'BIGINT'],
    ['"odd ""name" / 2', 'DOUBLE'],
    ['CASE WHEN delay > 15 THEN 1 ELSE 0 END', 'INTEGER'],
    ['hour(date)', 'BIGINT'],
    ["date_trunc('day', date - INTERVAL 4 HOUR)", 'TIMESTAMP'],
    ['date + to_seconds(CAST(delay * 8 AS BIGINT))', 'TIMESTAMP'],
    ["EXTRACT(hour FROM date) + coalesce(delay, 0) - nullif(delay, 1)", 'BIGINT'],
    ["origin IN ('ATL', 'ORD') AND delay BETWEEN 1 AND 2 AND origin LIKE 'A%' AND date IS NOT NULL", 'BOOLEAN'],
    ['delay -- the last words of a line', 'BIGINT'],
  ])('takes %s', async (sql, type) => {
    expect(await typeOf(sql)).toBe(type);
  });

  it.each([
    ['', /parsed/],
    ['1; DROP TABLE rows', /parsed/],
    ['1) , (2', /not one expression/],
    ['1) FROM (SELECT 2', /more than an expression/],
    ['1) UNION (SELECT 2', /not one expression/],
    ['delay /* open', /parsed/],
    ['(SELECT max(delay) FROM rows)', /subquery/],
    ['EXISTS (SELECT 1)', /subquery/],
    ['sum(delay)', /function sum/],
    ['row_number() OVER ()', /window/],
    ["read_text('/etc/hostname')", /function read_text/],
    ["getenv('HOME')", /function getenv/],
    ["current_setting('threads')", /function current_setting/],
    ['random()', /function random/],
    ['now()', /function now/],
    ["nextval('s')", /function nextval/],
    ['list_transform([1], x -> x)', /function list_transform/],
    ['nothing + 1', /unknown column, nothing/],
    ['rows.delay', /bare names/],
    ['filename', /unknown column/],
    ['$1', /parameter/],
    ['*', /star/],
    ['(1, 2)', /function row/],
    ["date + 'x'::BIT", /does not fit/],
  ])('refuses %s', async (sql, why) => {
    await expect(typeOf(sql)).rejects.toMatchObject({ code: 'INVALID_EXPRESSION', message: expect.stringMatching(why) });
  });

  it('refuses a type that the use cannot take', async () => {
    await expect(typeOf('origin', 'number')).rejects.toMatchObject({ code: 'INVALID_EXPRESSION' });
    await expect(typeOf('delay', 'time')).rejects.toMatchObject({ code: 'INVALID_EXPRESSION' });
    expect(await typeOf('CAST(date AS DATE)', 'time')).toBe('DATE');
  });
});
