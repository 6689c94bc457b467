import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { cosignature, cosignatureTime } from './cosignature.js';
import { TransparencyError } from './errors.js';
import { openNote, type NoteVerifier } from './note.js';

/** Which logs and which witnesses are trusted, and how many of these must have cosigned (C2SP tlog-policy). */
export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly quorum: Quorum;
}

export interface PolicyLog {
  readonly verifier: NoteVerifier;
  readonly verifierKey: string;
  readonly url?: string;
}

export interface PolicyWitness {
  /** Of the policy file; the name in the key may be another. */
  readonly name: string;
  readonly verifier: NoteVerifier;
  readonly verifierKey: string;
  /** Submission prefix: `<url>/add-checkpoint` cosigns. */
  readonly url?: string;
}

/** A witness by its name, or at least `threshold` of the members; `threshold` 0 is the quorum `none`. */
export type Quorum = string | { readonly threshold: number; readonly members: readonly Quorum[] };

/** A witness whose cosignature verified. */
export interface Cosigner {
  readonly name: string;
  /** By the witness's clock, POSIX seconds. */
  readonly timeS: bigint;
}

export interface PolicyVerdict {
  readonly checkpoint: Checkpoint;
  readonly cosigners: readonly Cosigner[];
  readonly quorumMet: boolean;
}

/**
 * What a policy says of a checkpoint. `logs` are trusted besides those that the policy names, for policies that name none. Cosignatures that do not verify
 * count for nothing: anybody may add lines to a note, and must not be able to spoil it. Throws MALFORMED, or UNTRUSTED when no trusted log signed.
 */
export function checkPolicy(note: string, policy: Policy, logs: readonly NoteVerifier[] = []): PolicyVerdict {
  const { text, signatures } = openNote(note, [...policy.logs.map(({ verifier }) => verifier), ...logs]);
  const checkpoint = parseCheckpoint(text);
  if (!signatures.some(({ name }) => name === checkpoint.origin)) {
    throw new TransparencyError('UNTRUSTED', `No key of ${checkpoint.origin} signed the checkpoint.`);
  }
  const cosigners = policy.witnesses.flatMap(({ name, verifier }) => {
    const timeS = cosignedAt(note, verifier);
    return timeS === undefined ? [] : [{ name, timeS }];
  });
  return { checkpoint, cosigners, quorumMet: isQuorum(policy.quorum, new Set(cosigners.map(({ name }) => name))) };
}

/** True when the named witnesses suffice. */
export function isQuorum(quorum: Quorum, witnesses: ReadonlySet<string>): boolean {
  if (typeof quorum === 'string') return witnesses.has(quorum);
  return quorum.members.filter((member) => isQuorum(member, witnesses)).length >= quorum.threshold;
}

function cosignedAt(note: string, witness: NoteVerifier): bigint | undefined {
  if (witness.type !== cosignature.type) return undefined;
  try {
    const [signature] = openNote(note, [witness]).signatures;
    return signature && cosignatureTime(signature);
  } catch (error) {
    if (error instanceof TransparencyError) return undefined;
    throw error;
  }
}
