/**
 * MALFORMED        text or bytes that are not what the format says.
 * UNTRUSTED        no signature of a known key, or one that does not verify.
 * OUT_OF_RANGE     a position or size that the tree does not have.
 * MISSING_TILE     a source did not give a tile that the tree must have.
 * NOT_INCLUDED     a receipt does not lead from its entry to the root that the log signed.
 * NO_QUORUM        fewer witnesses cosigned than a policy demands.
 */
export type TransparencyErrorCode = 'MALFORMED' | 'UNTRUSTED' | 'OUT_OF_RANGE' | 'MISSING_TILE' | 'NOT_INCLUDED' | 'NO_QUORUM';

export class TransparencyError extends Error {
  override readonly name = 'TransparencyError';

  constructor(
    readonly code: TransparencyErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
