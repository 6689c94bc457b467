import type { LogVerdict } from '@cairn/transparency';

export interface VerdictResponse {
  readonly verified: boolean;
  readonly size: string;
  /** Base64. */
  readonly root: string;
  readonly first_bad_position?: string;
  readonly finding?: string;
  readonly tiles_authentic?: boolean;
}

export function convertVerdict({ verified, size, root, firstBadPosition, finding, tilesAuthentic }: LogVerdict): VerdictResponse {
  return {
    verified,
    size: String(size),
    root: convertHash(root),
    ...(firstBadPosition !== undefined && { first_bad_position: String(firstBadPosition) }),
    ...(finding !== undefined && { finding }),
    ...(tilesAuthentic !== undefined && { tiles_authentic: tilesAuthentic }),
  };
}

export function convertHash(hash: Uint8Array): string {
  return Buffer.from(hash).toString('base64');
}
