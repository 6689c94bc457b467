import type { DigestRound, RecordedDigest } from '../digests/digest-recorder.js';

export interface DigestResponse {
  readonly service: string;
  /** Of the last event that was in the rows. */
  readonly position: string;
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly digest: string }[];
  /** Of the event that says so; null when the one before said the same. */
  readonly event_position: string | null;
}

export function convertDigest({ service, position, tables, eventPosition }: RecordedDigest): DigestResponse {
  return {
    service,
    position: String(position),
    tables: tables.map(({ name, rows, digest }) => ({ table: name, rows: Number(rows), digest })),
    event_position: eventPosition === undefined ? null : String(eventPosition),
  };
}

export function convertRound({ recorded, empty, unreachable }: DigestRound): object {
  return { items: recorded.map(convertDigest), empty, unreachable };
}
