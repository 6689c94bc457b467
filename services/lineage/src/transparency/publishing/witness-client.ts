import { consistencyProofFrom, formatWitnessRequest, openNote, TransparencyError, type NoteSignature, type TileSource } from '@cairn/transparency';
import type { SignedCheckpoint } from '../integrator/checkpoint-signer.js';
import type { AskedWitness } from './log-policy.js';

/**
 * cosigned       its cosignature verified.
 * late           it had not answered when the quorum was met without it, or when time was over.
 * unreachable    no answer at all.
 * refused        it answered, and would not cosign.
 * ahead          it has cosigned a larger tree of this log, or another tree of this size: somebody signed a history that is not this one.
 * bad_signature  it answered with a cosignature that does not verify.
 */
export type WitnessState = 'cosigned' | 'late' | 'unreachable' | 'refused' | 'ahead' | 'bad_signature';

export interface WitnessOutcome {
  readonly state: WitnessState;
  readonly detail?: string;
  readonly signature?: NoteSignature;
}

/** The first question may not know the size, the second one knows it, and somebody may have asked in between. */
const MAX_QUESTIONS = 3;
const MAX_ANSWER_BYTES = 16 * 1024;
const MAX_DETAIL_CHARS = 200;

/** Asks one witness to cosign (C2SP tlog-witness). */
export class WitnessClient {
  /** What the witness cosigned last, as far as is known; it says so itself where that is wrong. */
  private knownSize = 0n;

  constructor(readonly witness: AskedWitness) {}

  /** Never rejects. `signal` ends the waiting. */
  async cosign(signed: SignedCheckpoint, tiles: TileSource, signal: AbortSignal): Promise<WitnessOutcome> {
    try {
      return await this.ask(signed, tiles, signal);
    } catch (error) {
      return signal.aborted ? { state: 'late' } : { state: 'unreachable', detail: causeOf(error) };
    }
  }

  private async ask(signed: SignedCheckpoint, tiles: TileSource, signal: AbortSignal): Promise<WitnessOutcome> {
    for (let question = 0; question < MAX_QUESTIONS; question += 1) {
      const oldSize = this.knownSize;
      if (oldSize > signed.size) return { state: 'ahead', detail: `It has cosigned ${oldSize} events, this log signs ${signed.size}.` };
      const proof = await consistencyProofFrom(tiles, oldSize, signed.size);
      const body = formatWitnessRequest({ oldSize, proof, checkpoint: signed.note });
      const response = await fetch(`${this.witness.url}/add-checkpoint`, { method: 'POST', body, signal, redirect: 'error' });
      const text = await readLimited(response);
      if (response.status === 200) return this.accept(signed, text);
      const size = response.status === 409 ? sizeIn(text) : undefined;
      if (size === undefined) return { state: 'refused', detail: `${response.status}: ${shown(text)}` };
      if (size === oldSize) return { state: 'ahead', detail: `It has cosigned another tree of ${size} events.` };
      this.knownSize = size;
    }
    return { state: 'refused', detail: 'It named another size at every question.' };
  }

  /** Lines of other keys are passed over, as the format demands. */
  private accept(signed: SignedCheckpoint, lines: string): WitnessOutcome {
    try {
      const [signature] = openNote(`${signed.note}${lines}`, [this.witness.verifier]).signatures;
      this.knownSize = signed.size;
      return signature === undefined ? { state: 'bad_signature' } : { state: 'cosigned', signature };
    } catch (error) {
      if (error instanceof TransparencyError) return { state: 'bad_signature', detail: error.message };
      throw error;
    }
  }
}

function sizeIn(text: string): bigint | undefined {
  return /^(0|[1-9]\d{0,19})\n$/.test(text) ? BigInt(text.trim()) : undefined;
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new Error(`It answered with more than ${MAX_ANSWER_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Somebody else's words, cut to one short line. */
function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim().slice(0, MAX_DETAIL_CHARS);
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return shown(cause instanceof Error && 'code' in cause ? String(cause.code) : cause instanceof Error ? cause.message : String(cause));
}
