import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { TransparencyError } from './errors.js';
import { formatHashLines, parseHashLines } from './hash-lines.js';
import { parseNote } from './note.js';

/** Body of `add-checkpoint` (C2SP tlog-witness): a log asks a witness to cosign. */
export interface WitnessRequest {
  /** Size of the last checkpoint of this log that the witness cosigned; 0 when it never did. */
  readonly oldSize: bigint;
  /** Proves that the tree at `oldSize` is the beginning of the new one; none from size 0. */
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** What a witness reads: who signed is not checked yet. */
export interface ParsedWitnessRequest extends WitnessRequest {
  readonly claimed: Checkpoint;
}

const OLD_SIZE = /^old (0|[1-9]\d{0,19})$/;

export function formatWitnessRequest({ oldSize, proof, checkpoint }: WitnessRequest): string {
  return `old ${oldSize}\n${formatHashLines(proof)}\n${checkpoint}`;
}

/** Inverse of formatWitnessRequest. Throws MALFORMED, also for a checkpoint that is smaller than the old size. */
export function parseWitnessRequest(body: string): ParsedWitnessRequest {
  const end = body.indexOf('\n\n');
  const [first, ...lines] = body.slice(0, Math.max(end, 0)).split('\n');
  const [, size] = OLD_SIZE.exec(first ?? '') ?? [];
  const proof = parseHashLines(lines);
  if (end < 0 || size === undefined || proof === undefined) {
    throw new TransparencyError('MALFORMED', 'A request to a witness is `old <size>`, at most 63 lines of proof, an empty line and a checkpoint.');
  }
  const checkpoint = body.slice(end + 2);
  const claimed = parseCheckpoint(parseNote(checkpoint).text);
  const oldSize = BigInt(size);
  if (oldSize > claimed.size) throw new TransparencyError('MALFORMED', `The old size ${oldSize} is larger than the checkpoint's, ${claimed.size}.`);
  return { oldSize, proof, checkpoint, claimed };
}
