import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { createDatabase } from './database.js';
import { startTestNats } from './nats.js';

describe('createDatabase', () => {
  it('gives each caller an empty database on PostgreSQL 18 and drops it with its connections', async () => {
    const [one, two] = await Promise.all([createDatabase(), createDatabase()]);
    expect(one.url).not.toBe(two.url);
    const client = new pg.Client({ connectionString: one.url });
    const ended = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    const { rows } = await client.query<{ version: string; tables: string }>(
      "SELECT current_setting('server_version') AS version, (SELECT count(*) FROM pg_tables WHERE schemaname = 'public') AS tables",
    );
    expect(rows[0]!.version).toMatch(/^18\./);
    expect(rows[0]!.tables).toBe('0');
    await Promise.all([one.drop(), two.drop()]);
    await ended;
    await expect(new pg.Client({ connectionString: one.url }).connect()).rejects.toThrow(/does not exist/);
  });
});

describe('startTestNats', () => {
  it('starts servers that do not share anything', async () => {
    const [one, two] = await Promise.all([startTestNats(), startTestNats()]);
    expect(one.url).not.toBe(two.url);
    await Promise.all([one.stop(), two.stop()]);
  });
});
