import {
  addSignatures,
  emptyRoot,
  formatSignatures,
  openNote,
  parseNote,
  parseWitnessRequest,
  sameHash,
  signNote,
  TransparencyError,
  verifyConsistency,
  type OpenedNote,
  type ParsedWitnessRequest,
} from '@cairn/transparency';
import { WitnessError } from './errors.js';
import type { KnownLogs } from './known-logs.js';
import { OneAtATime } from './one-at-a-time.js';
import type { WitnessKey } from './witness-key.js';
import { originHash, type Remembered, type WitnessState } from './witness-state.js';

/** What a request is answered with, and why. */
export interface WitnessAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** For the operator: which log, and what was wrong with the request. */
  readonly origin?: string;
  readonly detail: string;
}

export interface WitnessParts {
  readonly key: WitnessKey;
  readonly logs: KnownLogs;
  readonly state: WitnessState;
  /** POSIX seconds. */
  readonly nowS: () => bigint;
}

const PLAIN = 'text/plain; charset=utf-8';

/** Cosigns checkpoints by the rules of C2SP tlog-witness: of logs that it knows, and only what grew out of what it cosigned before. */
export class Witness {
  private readonly perOrigin = new OneAtATime();
  private readonly originsByHash: ReadonlyMap<string, string>;

  constructor(private readonly parts: WitnessParts) {
    this.originsByHash = new Map([...parts.logs.keys()].map((origin) => [originHash(origin), origin]));
  }

  /** `POST /add-checkpoint`. The cosigned checkpoint is on disk when this resolves with 200. */
  async addCheckpoint(body: string): Promise<WitnessAnswer> {
    let request: ParsedWitnessRequest;
    try {
      request = parseWitnessRequest(body);
    } catch (error) {
      if (error instanceof TransparencyError) return refusal(400, error.message);
      throw error;
    }
    const { origin } = request.claimed;
    const log = this.parts.logs.get(origin);
    if (log === undefined) return refusal(404, 'This witness does not know the log. Give its operator the verifier key.', origin);
    let opened: OpenedNote;
    try {
      opened = openNote(request.checkpoint, log);
    } catch (error) {
      if (error instanceof TransparencyError) return refusal(403, error.message, origin);
      throw error;
    }
    // Comparing and remembering are one step: of two requests that fit the same old size, the second one must see the first one's.
    return this.perOrigin.run(origin, () => this.compareAndCosign(request, opened));
  }

  /** `GET /<SHA-256 of the origin>/checkpoint`: the last one that was cosigned. */
  async checkpoint(hashOfOrigin: string): Promise<WitnessAnswer> {
    const origin = this.originsByHash.get(hashOfOrigin);
    const remembered = origin === undefined ? undefined : await this.recall(origin);
    if (remembered instanceof WitnessError) return refusal(503, 'This witness can not read what it remembers of the log; its operator has to look.', origin);
    if (remembered?.note === undefined) return refusal(404, 'This witness has cosigned no checkpoint of such a log.', origin);
    return { status: 200, contentType: PLAIN, body: remembered.note, detail: 'served', ...(origin !== undefined && { origin }) };
  }

  private async compareAndCosign(request: ParsedWitnessRequest, opened: OpenedNote): Promise<WitnessAnswer> {
    const { claimed, oldSize, proof } = request;
    const { origin } = claimed;
    const last = await this.recall(origin);
    if (last instanceof WitnessError) return refusal(503, 'This witness can not read what it remembers of the log; its operator has to look.', origin, last.message);
    if (oldSize !== last.size) return conflict(last.size, origin, `asked from size ${oldSize}`);
    if (claimed.size === last.size && !sameHash(claimed.root, last.root)) return conflict(last.size, origin, 'FORK: another root at the size that was cosigned');
    if (claimed.size === 0n && !sameHash(claimed.root, emptyRoot)) return refusal(422, 'A tree without leaves has another root.', origin);
    if (!verifyConsistency({ from: last.size, fromRoot: last.root, to: claimed.size, toRoot: claimed.root, proof })) {
      return refusal(422, 'The proof does not show that the log only grew.', origin, `INCONSISTENT: from ${last.size} to ${claimed.size}`);
    }

    const { key, state } = this.parts;
    const nowS = this.parts.nowS();
    // A clock that was put back must not make an older statement of a newer tree.
    const signer = key.signerAt(nowS > last.timeS ? nowS : last.timeS);
    const own = parseNote(signNote(opened.text, [signer])).signatures;
    const byLog = `${opened.text}\n${formatSignatures(opened.signatures)}`;
    await state.replace(origin, addSignatures(byLog, own));
    return { status: 200, contentType: PLAIN, body: formatSignatures(own), origin, detail: `cosigned size ${claimed.size}` };
  }

  private async recall(origin: string): Promise<Remembered | WitnessError> {
    try {
      return await this.parts.state.read(origin);
    } catch (error) {
      if (error instanceof WitnessError) return error;
      throw error;
    }
  }
}

function refusal(status: number, sentence: string, origin?: string, detail = sentence): WitnessAnswer {
  return { status, contentType: PLAIN, body: `${sentence}\n`, detail, ...(origin !== undefined && { origin }) };
}

function conflict(size: bigint, origin: string, detail: string): WitnessAnswer {
  return { status: 409, contentType: 'text/x.tlog.size', body: `${size}\n`, origin, detail };
}
