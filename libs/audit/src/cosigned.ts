import { checkPolicy, TransparencyError, type Cosigner, type NoteVerifier, type Policy } from '@cairn/transparency';
import { refused } from './finding.js';
import { names } from './layout.js';

/** The last second that a date can be written for, the year 9999. */
const LAST_DATE_S = 253_402_300_799n;

/**
 * A sentence on which witnesses of the policy cosigned a checkpoint and when. A policy that names no logs is one for the log of `key`. Throws BundleRefused when the policy is for
 * other logs, or when its quorum did not cosign; a cosignature that does not verify counts for nothing, since anybody may add lines to a note.
 */
export function cosignedBy(note: string, policy: Policy, key: NoteVerifier): string {
  const { cosigners, quorumMet } = checked(note, policy, key);
  const who = cosigners.map(({ name, timeS }) => `${name} at ${isoTime(timeS)}`).join(', ');
  if (!quorumMet) {
    throw refused('COSIGNATURES_MISSING', `The checkpoint lacks the quorum of cosignatures that the policy asks for; it has ${who === '' ? 'none of them' : who}.`, {
      file: names.checkpoint,
    });
  }
  if (who === '') return 'The policy asks for no cosignatures.';
  return `The quorum of the policy cosigned the checkpoint: ${who}. So every event that it covers was in the log by then, by these witnesses’ clocks.`;
}

function checked(note: string, policy: Policy, key: NoteVerifier): { cosigners: readonly Cosigner[]; quorumMet: boolean } {
  try {
    return checkPolicy(note, policy, policy.logs.length === 0 ? [key] : []);
  } catch (cause) {
    if (!(cause instanceof TransparencyError)) throw cause;
    throw refused('UNTRUSTED', 'None of the logs of the policy signed the checkpoint.', { file: names.checkpoint }, cause);
  }
}

function isoTime(seconds: bigint): string {
  return seconds <= LAST_DATE_S ? new Date(Number(seconds) * 1_000).toISOString() : `${seconds} s`;
}
