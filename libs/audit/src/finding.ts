/**
 * NOT_A_BUNDLE          no ZIP, a cut one, or not the files that the format says: one is missing, unknown, or there twice.
 * TOO_LARGE             a file says or turns out to be larger than its kind can be.
 * DAMAGED               a file can't be inflated, or its checksum is wrong.
 * UNTRUSTED             the key did not sign the checkpoint, or the bundle names another key than the one given.
 * COSIGNATURES_MISSING  fewer witnesses cosigned than the policy asks for.
 * FORKED                another checkpoint, signed by the same key, is not of this log.
 * TILE_CHANGED          a tile does not hash up to the root.
 * ENTRY_CHANGED         an entry is not the one that the log committed to at its position.
 * ENTRY_MISSING         the entries end too early, or in the middle of one.
 * ENTRY_MALFORMED       the log committed to it, but it is no event: not canonical JSON, or a revision that does not follow.
 */
export type FindingCode =
  | 'NOT_A_BUNDLE'
  | 'TOO_LARGE'
  | 'DAMAGED'
  | 'UNTRUSTED'
  | 'COSIGNATURES_MISSING'
  | 'FORKED'
  | 'TILE_CHANGED'
  | 'ENTRY_CHANGED'
  | 'ENTRY_MISSING'
  | 'ENTRY_MALFORMED';

/** Why a bundle is refused: the first thing that was found to be wrong. */
export interface Finding {
  readonly code: FindingCode;
  /** A sentence for the auditor. */
  readonly message: string;
  /** Name of a file in the bundle. */
  readonly file?: string;
  /** Of the first bad entry. */
  readonly position?: bigint;
}

/** Thrown within this library to stop at the first finding; verifyBundle catches it. */
export class BundleRefused extends Error {
  override readonly name = 'BundleRefused';

  constructor(
    readonly finding: Finding,
    options?: ErrorOptions,
  ) {
    super(finding.message, options);
  }
}

export function refused(code: FindingCode, message: string, where: { file?: string; position?: bigint } = {}, cause?: unknown): BundleRefused {
  return new BundleRefused({ code, message, ...where }, { cause });
}
