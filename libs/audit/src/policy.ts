import { ed25519, openNote, parseVerifier, TransparencyError, type NoteVerifier, type SignatureAlgorithm } from '@cairn/transparency';
import { refused } from './finding.js';

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;
/** The only octets that the format forbids are control characters but tab and newline. */
// eslint-disable-next-line no-control-regex -- the format forbids exactly these
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/**
 * C2SP tlog-cosignature, Ed25519 (type 0x04): the signature is a time (8 bytes, seconds since 1970) and 64 bytes over `cosignature/v1\ntime <t>\n` and the note's text.
 */
export const cosignature: SignatureAlgorithm = {
  type: 0x04,
  verifier(publicKey) {
    const check = ed25519.verifier(publicKey);
    return check && ((text, signature) => signature.length === TIME_BYTES + SIGNATURE_BYTES && check(signedText(text, timeOf(signature)), signature.subarray(TIME_BYTES)));
  },
  // A bundle is verified here, never cosigned.
  signer: () => undefined,
};

/** A witness or a group of them, by the names of the policy. */
type Member = { readonly verifier: NoteVerifier } | { readonly atLeast: number; readonly members: readonly string[] };

/** Which logs, and which of their witnesses, make a checkpoint valid (C2SP tlog-policy). */
export interface Policy {
  readonly logs: readonly NoteVerifier[];
  readonly members: ReadonlyMap<string, Member>;
  /** Name of a witness or a group, or `none`. */
  readonly quorum: string;
}

/** Throws TransparencyError MALFORMED and names the line. */
export function parsePolicy(text: string): Policy {
  if (FORBIDDEN.test(text)) throw malformed(0, 'it holds control characters');
  const reader = new PolicyReader();
  text.split('\n').forEach((line, at) => reader.read(line, at + 1));
  return reader.policy();
}

/** A sentence on who cosigned and when. Throws BundleRefused when the log is not one of the policy, a cosignature is wrong, or the quorum is not met. */
export function cosignaturesOf(note: string, policy: Policy, origin: string): string {
  if (policy.logs.length > 0 && !isSignedBy(note, policy.logs)) {
    throw refused('UNTRUSTED', `None of the logs of the policy signed the checkpoint of ${origin}.`, { file: 'checkpoint' });
  }
  if (policy.quorum === 'none') return 'The policy asks for no cosignatures.';
  const cosigned = new Map<string, bigint>();
  for (const [name, member] of policy.members) {
    if (!('verifier' in member)) continue;
    const signature = signatureOf(note, member.verifier, name);
    if (signature !== undefined) cosigned.set(name, timeOf(signature));
  }
  if (!isMet(policy, policy.quorum, cosigned)) {
    const who = cosigned.size === 0 ? 'No witness of the policy' : `Of the policy’s witnesses only ${[...cosigned.keys()].join(', ')}`;
    throw refused('COSIGNATURES_MISSING', `${who} cosigned the checkpoint; that is no quorum (${policy.quorum}).`, { file: 'checkpoint' });
  }
  const named = [...cosigned].map(([name, time]) => `${name} at ${isoTime(time)}`).join(', ');
  return `The quorum of the policy (${policy.quorum}) cosigned the checkpoint: ${named}. So every event it covers was in the log by then, by these witnesses’ clocks.`;
}

class PolicyReader {
  private readonly logs: NoteVerifier[] = [];
  private readonly members = new Map<string, Member>();
  private readonly grouped = new Set<string>();
  private readonly keys = new Set<string>();
  private quorum: string | undefined;

  policy(): Policy {
    if (this.quorum === undefined) throw malformed(0, 'it has no quorum line');
    return { logs: this.logs, members: this.members, quorum: this.quorum };
  }

  read(line: string, at: number): void {
    const [kind, ...items] = line.split(/[ \t]+/).filter((item) => item !== '');
    if (kind === undefined || kind.startsWith('#')) return;
    const [name = '', second = '', ...rest] = items;
    if (kind === 'log' && (items.length === 1 || items.length === 2)) this.logs.push(this.key(name, ed25519, at));
    else if (kind === 'witness' && (items.length === 2 || items.length === 3)) this.define(name, { verifier: this.key(second, cosignature, at) }, at);
    else if (kind === 'group' && items.length >= 3) this.define(name, this.group(second, rest, at), at);
    else if (kind === 'quorum' && items.length === 1 && this.quorum === undefined && (name === 'none' || this.members.has(name))) this.quorum = name;
    else throw malformed(at, 'it is no line of a policy, names what no line before it defines, or is a second quorum');
  }

  private key(text: string, algorithm: SignatureAlgorithm, at: number): NoteVerifier {
    const verifier = parseVerifier(text, [algorithm]);
    // Two lines with one key would let one witness count twice. Base64 may hold plus signs; names and ids have none.
    const publicKey = text.split('+').slice(2).join('+');
    if (this.keys.has(publicKey)) throw malformed(at, 'its key stands in another line already');
    this.keys.add(publicKey);
    return verifier;
  }

  private define(name: string, member: Member, at: number): void {
    if (name === 'none' || this.members.has(name)) throw malformed(at, `the name ${name} is taken`);
    this.members.set(name, member);
  }

  private group(threshold: string, members: readonly string[], at: number): Member {
    const atLeast = threshold === 'all' ? members.length : threshold === 'any' ? 1 : /^[1-9]\d{0,8}$/.test(threshold) ? Number(threshold) : 0;
    if (atLeast < 1 || atLeast > members.length) throw malformed(at, 'a group asks for `all`, `any`, or a number of its members');
    for (const member of members) {
      if (!this.members.has(member) || this.grouped.has(member)) throw malformed(at, `${member} is not defined before it, or is in a group already`);
      this.grouped.add(member);
    }
    return { atLeast, members };
  }
}

function isMet(policy: Policy, name: string, cosigned: ReadonlyMap<string, bigint>): boolean {
  const member = policy.members.get(name);
  if (member === undefined) return false;
  if ('verifier' in member) return cosigned.has(name);
  return member.members.filter((part) => isMet(policy, part, cosigned)).length >= member.atLeast;
}

function isSignedBy(note: string, logs: readonly NoteVerifier[]): boolean {
  return logs.some((log) => signatureOf(note, log, log.name) !== undefined);
}

/** Undefined when this key did not sign. Throws BundleRefused for a signature in its name that does not verify. */
function signatureOf(note: string, verifier: NoteVerifier, name: string): Uint8Array | undefined {
  let isThere = false;
  const verify: NoteVerifier['verify'] = (text, signature) => {
    isThere = true;
    return verifier.verify(text, signature);
  };
  try {
    return openNote(note, [{ ...verifier, verify }]).signatures[0]?.signature;
  } catch (cause) {
    if (!(cause instanceof TransparencyError)) throw cause;
    if (!isThere) return undefined;
    throw refused('UNTRUSTED', `The signature of ${name} on the checkpoint does not verify.`, { file: 'checkpoint' }, cause);
  }
}

function signedText(text: Uint8Array, time: bigint): Uint8Array {
  return Buffer.concat([Buffer.from(`cosignature/v1\ntime ${time}\n`), text]);
}

function timeOf(signature: Uint8Array): bigint {
  return Buffer.from(signature.buffer, signature.byteOffset, TIME_BYTES).readBigUInt64BE();
}

/** A time beyond what a date can be is shown as it is. */
function isoTime(seconds: bigint): string {
  return seconds < 253_402_300_800n ? new Date(Number(seconds) * 1_000).toISOString() : `${seconds} s`;
}

function malformed(line: number, why: string): TransparencyError {
  return new TransparencyError('MALFORMED', `The policy can not be read${line > 0 ? `: line ${line}` : ''}, because ${why}.`);
}
