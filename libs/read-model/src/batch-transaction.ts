import type { ClientBase } from 'pg';
import type { EntityManager, QueryRunner } from 'typeorm';
import { beginAt } from './checkpoint.js';

/**
 * Runs `work` in the transaction that also moves the checkpoint to `next`. `work` is told where the checkpoint was: what lies below is in the rows.
 *
 * The transaction is begun by the message that locks and moves the checkpoint, past TypeORM, which would spend a round trip on it; commands wait for
 * every one of them.
 */
export async function inBatchTransaction(runner: QueryRunner, next: bigint, work: (from: bigint, manager: EntityManager) => Promise<void>): Promise<void> {
  const client: ClientBase = await runner.connect();
  joinTransactions(runner);
  try {
    const from = await beginAt(client, next);
    if (from < next) await work(from, runner.manager);
    await client.query('COMMIT');
  } catch (error) {
    // A connection that is gone can't roll back, and needs not: the server did. The first error is the one that tells.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** TypeORM does not know that a transaction is open: what it would begin and end by itself (as `save` does) becomes part of ours. */
function joinTransactions(runner: QueryRunner): void {
  const nothing = async (): Promise<void> => undefined;
  Object.assign(runner, { startTransaction: nothing, commitTransaction: nothing, rollbackTransaction: nothing });
}
