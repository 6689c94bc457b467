import type { BadTile, LogVerdict } from '@cairn/transparency';
import type { WitnessReport } from '../publishing/witnessed-publisher.js';

export interface VerdictResponse {
  /** Entries and tiles. */
  readonly verified: boolean;
  readonly entries_verified: boolean;
  readonly tiles_verified?: boolean;
  readonly size: string;
  /** Base64. */
  readonly root: string;
  /** Of the entries. */
  readonly first_bad_position?: string;
  readonly finding?: string;
  readonly bad_tile?: BadTileResponse;
}

export interface BadTileResponse {
  /** Its path, under which it is served. */
  readonly tile: string;
  readonly finding: string;
  /** First and last position that it is over. */
  readonly from: string;
  readonly to: string;
  /** First position that the wrong hash stands for. */
  readonly first_bad_position: string;
}

export function convertVerdict({ verified, entriesVerified, tilesVerified, size, root, firstBadPosition, finding, badTile }: LogVerdict): VerdictResponse {
  return {
    verified,
    entries_verified: entriesVerified,
    ...(tilesVerified !== undefined && { tiles_verified: tilesVerified }),
    size: String(size),
    root: convertHash(root),
    ...(firstBadPosition !== undefined && { first_bad_position: String(firstBadPosition) }),
    ...(finding !== undefined && { finding }),
    ...(badTile !== undefined && { bad_tile: convertBadTile(badTile) }),
  };
}

function convertBadTile({ path, finding, from, to, firstBadPosition }: BadTile): BadTileResponse {
  return { tile: path, finding, from: String(from), to: String(to), first_bad_position: String(firstBadPosition) };
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
