import { isQuorum, parsePolicy, TransparencyError, type NoteVerifier, type Policy, type Quorum } from '@cairn/transparency';
import { readText } from '@cairn/durable-file';
import type { LogKey } from '../integrator/log-key.js';

/** A witness that can be asked. */
export interface AskedWitness {
  readonly name: string;
  readonly verifier: NoteVerifier;
  /** Submission prefix, without a slash at its end. */
  readonly url: string;
}

/** What this log demands of itself before a checkpoint is public. */
export interface LogPolicy {
  readonly policy: Policy;
  readonly quorum: Quorum;
  readonly witnesses: readonly AskedWitness[];
  /** For auditors, see publicPolicy. */
  readonly text: string;
}

/**
 * Reads the policy file and checks that it can be kept: this log is among its logs (where it names any), and the witnesses whose URL it gives suffice for
 * the quorum. A log that could never publish must not start.
 */
export async function openLogPolicy(path: string, key: LogKey): Promise<LogPolicy> {
  const text = await readText(path);
  if (text === undefined) throw new Error(`The policy file of the transparency log is missing: ${path}.`);
  const policy = parse(text, path);
  if (policy.logs.length > 0 && !policy.logs.some(({ verifierKey }) => verifierKey === key.verifierKey)) {
    throw new Error(`The policy in ${path} names logs, but not this one: add the line \`log ${key.verifierKey}\`.`);
  }
  const witnesses = policy.witnesses.flatMap(({ name, verifier, url }) => (url === undefined ? [] : [{ name, verifier, url: submissionPrefix(url, name, path) }]));
  if (!isQuorum(policy.quorum, new Set(witnesses.map(({ name }) => name)))) {
    throw new Error(`The quorum of the policy in ${path} can't be reached: too few of its witnesses have a URL.`);
  }
  return { policy, quorum: policy.quorum, witnesses, text: publicPolicy(policy.logs.length === 0 ? key : undefined, text) };
}

/**
 * The policy as auditors are told it, in the text of C2SP tlog-policy: without comments, which may be for the operator's eyes, and with the line of `key`
 * where the file names no logs.
 * A log without a file publishes what it signs, which is the quorum `none`.
 */
export function publicPolicy(key: LogKey | undefined, text = 'quorum none'): string {
  const lines = text.split('\n').filter((line) => !/^[ \t]*(#|$)/.test(line));
  return [...(key === undefined ? [] : [`log ${key.verifierKey}`]), ...lines, ''].join('\n');
}

function parse(text: string, path: string): Policy {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (error instanceof TransparencyError) throw new Error(`The policy in ${path} can't be read. ${error.message}`, { cause: error });
    throw error;
  }
}

function submissionPrefix(url: string, name: string, path: string): string {
  if (!/^https?:\/\/[^\s?#]+$/.test(url) || !URL.canParse(url)) {
    throw new Error(`The URL of the witness ${name} in ${path} does not begin with http:// or https://, or has a query.`);
  }
  return url.replace(/\/+$/, '');
}
