import { Client } from 'pg';

/** A session of one's own, for specs that look behind the store. */
export async function withSession<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Ends the sessions of one purpose (`appends`, `reads`, `listener`, `lease …`) as an administrator or a failover would; answers how many there were.
 * Of sessions that contend for an advisory lock, `holders` ends only those that have it.
 */
export async function terminateSessions(url: string, purpose: string, only: 'all' | 'holders' = 'all'): Promise<number> {
  return withSession(url, async (client) => {
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()
         AND ($2 = 'all' OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted))`,
      [`cairn ${purpose}`, only],
    );
    return rowCount ?? 0;
  });
}
