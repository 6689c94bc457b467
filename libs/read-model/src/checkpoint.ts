import type { ClientBase } from 'pg';

/**
 * One row per service schema. `position` is the first position that is not yet in the rows, `previous` where the last batch began, `definition` what
 * made the rows. The check keeps a second row out: all projections of a service advance together.
 */
export const CREATE_CHECKPOINT = `
  CREATE TABLE IF NOT EXISTS projection_checkpoint (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL,
    previous bigint NOT NULL DEFAULT 0,
    definition text NOT NULL DEFAULT ''
  );
  INSERT INTO projection_checkpoint (position) VALUES (0) ON CONFLICT DO NOTHING;`;

export async function readCheckpoint(client: ClientBase): Promise<bigint> {
  const { rows } = await client.query<{ position: string }>('SELECT position FROM projection_checkpoint');
  return BigInt(rows[0]?.position ?? '0');
}

/**
 * Begins a transaction, locks the checkpoint for its length and moves it up to `next`; answers where it was. When it was there already, another
 * process of this service has the rows in place. One message without parameters, hence one round trip.
 */
export async function beginAt(client: ClientBase, next: bigint): Promise<bigint> {
  const results: unknown = await client.query(
    `BEGIN; SET LOCAL synchronous_commit = off;
     UPDATE projection_checkpoint SET previous = position, position = GREATEST(position, ${next}) RETURNING previous`,
  );
  const moved = (results as readonly { rows: readonly { previous: string }[] }[]).at(-1);
  const previous = moved?.rows[0]?.previous;
  if (previous === undefined) throw new TypeError('the checkpoint row is gone');
  return BigInt(previous);
}
