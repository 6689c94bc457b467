import { DomainError } from '@cairn/kernel';
import { formatReceipt, inclusionProofFrom, openCheckpoint, rootFrom, sameHash, TransparencyError, type NoteVerifier, type TileSource } from '@cairn/transparency';

/**
 * A receipt for the event at `position`, which the checkpoint covers. Throws TREE_INCOMPLETE while the tiles are built anew, or are of another history than
 * the one that was signed: a receipt that would not verify is none.
 */
export async function makeReceipt(tree: TileSource, note: string, log: readonly NoteVerifier[], position: bigint): Promise<string> {
  const { size, root } = openCheckpoint(note, log);
  const [proof, computed] = await whileComplete(Promise.all([inclusionProofFrom(tree, position, size), rootFrom(tree, size)]));
  if (!sameHash(computed, root)) throw incomplete();
  return formatReceipt({ index: position, proof, checkpoint: note });
}

/** What is computed from tiles, or TREE_INCOMPLETE where some are not there. */
export async function whileComplete<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TransparencyError && error.code === 'MISSING_TILE') throw incomplete();
    throw error;
  }
}

function incomplete(): DomainError {
  return new DomainError('TREE_INCOMPLETE', 'The tree is not, or not yet again, the one that was signed: GET /lineage/v1/log/size says more. Ask again later.', 'busy');
}
