import type { LiveDigests, ReplayedDifference, ReplayReport, TableDigest } from '@cairn/read-model';

export function convertReplay({ position, compared, identical, tables }: ReplayReport) {
  return {
    /** Last position in the rows; null before the first event. */
    position: textOf(position),
    compared,
    ...(identical !== undefined && { identical }),
    tables: tables.map(({ live, ...digest }) => ({
      ...convertDigest(digest),
      ...(live !== undefined && { rows_live: live.rowsLive, differing: live.differing, differences: live.differences.map(convertDifference) }),
    })),
  };
}

export function convertDigests({ position, tables }: LiveDigests) {
  return { position: textOf(position), tables: tables.map(convertDigest) };
}

function convertDigest({ table, rows, digest }: TableDigest) {
  return { table, rows, digest };
}

function convertDifference({ key, kind, columns, event }: ReplayedDifference) {
  return {
    key,
    kind,
    columns,
    ...(event !== undefined && { event: { position: String(event.position), type: event.type, stream: event.stream } }),
  };
}

function textOf(position: bigint | undefined): string | null {
  return position === undefined ? null : String(position);
}
