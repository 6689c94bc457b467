import type { ClientBase } from 'pg';

/**
 * One row per service schema. `position` is the first position that is not yet in the rows, `definition` what made them. The check keeps a second row out: all projections
 * of a service advance together.
 */
export const CREATE_CHECKPOINT = `
  CREATE TABLE IF NOT EXISTS projection_checkpoint (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL,
    definition text NOT NULL DEFAULT '',
    updated_at timestamptz NOT NULL DEFAULT now()
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
     UPDATE projection_checkpoint AS checkpoint SET position = GREATEST(before.position, ${next}), updated_at = now()
     FROM (SELECT position FROM projection_checkpoint FOR UPDATE) AS before RETURNING before.position;`,
  );
  const moved = (results as readonly { rows: readonly { position: string }[] }[]).at(-1);
  const before = moved?.rows[0]?.position;
  if (before === undefined) throw new TypeError('the checkpoint row is gone');
  return BigInt(before);
}
