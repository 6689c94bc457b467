import { openCheckpoint, parseVerifier, TransparencyError, type Checkpoint } from '@cairn/transparency';
import { NotDone } from '../exit.js';

/** Beside `<file>`, which holds `{"position","body"}` per line: the signed checkpoint over exactly these events, and the key that signed it. */
export const checkpointFile = (path: string): string => `${path}.checkpoint`;
export const keyFile = (path: string): string => `${path}.key`;

/** What was moved. */
export interface CopySummary {
  readonly origin: string;
  readonly size: bigint;
  /** Base64. */
  readonly root: string;
}

export function summaryOf({ origin, size, root }: Checkpoint): CopySummary {
  return { origin, size, root: Buffer.from(root).toString('base64') };
}

export function openSigned(note: string, key: string): Checkpoint {
  try {
    return openCheckpoint(note, parseVerifier(key.trim()));
  } catch (cause) {
    if (!(cause instanceof TransparencyError)) throw cause;
    throw new NotDone(`The checkpoint is not to be trusted. ${cause.message}`, { cause });
  }
}
