import type { LogVerdict } from '@cairn/transparency';
import type { WitnessReport } from '../publishing/witnessed-publisher.js';

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

export interface WitnessesResponse {
  readonly quorum_met: boolean;
  /** Of the checkpoint that they were asked about last. */
  readonly size: string;
  readonly witnesses: readonly { readonly name: string; readonly state: string; readonly detail?: string }[];
}

export function convertReport({ quorumMet, size, witnesses }: WitnessReport): WitnessesResponse {
  return {
    quorum_met: quorumMet,
    size: String(size),
    witnesses: [...witnesses].map(([name, { state, detail }]) => ({ name, state, ...(detail !== undefined && { detail }) })),
  };
}

export function convertHash(hash: Uint8Array): string {
  return Buffer.from(hash).toString('base64');
}
