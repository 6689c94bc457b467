import { cosignature } from './cosignature.js';
import { TransparencyError } from './errors.js';
import { parseVerifier } from './key.js';
import type { Policy, PolicyLog, PolicyWitness, Quorum } from './policy.js';

const RESERVED = new Set(['none', 'all', 'any']);
/** The format asks for at least 32 of each kind. */
const MAX_LINES = 1_000;

/**
 * The text form of a policy (C2SP tlog-policy): lines `log <key> [<url>]`, `witness <name> <key> [<url>]`, `group <name> <k|all|any> <name>…` and one
 * `quorum <name|none>`. Keys of logs have type 0x01, keys of witnesses 0x04. Throws MALFORMED with the number of the line.
 */
export function parsePolicy(text: string): Policy {
  const reader = new PolicyReader();
  const lines = text.split('\n');
  if (lines.length > MAX_LINES) throw new TransparencyError('MALFORMED', `A policy has at most ${MAX_LINES} lines.`);
  for (const [index, line] of lines.entries()) {
    try {
      reader.read(line);
    } catch (error) {
      if (error instanceof TransparencyError) throw new TransparencyError('MALFORMED', `Line ${index + 1} of the policy: ${error.message}`, { cause: error });
      throw error;
    }
  }
  return reader.policy();
}

class PolicyReader {
  private readonly logs: PolicyLog[] = [];
  private readonly witnesses: PolicyWitness[] = [];
  /** Witnesses and groups share their names. */
  private readonly named = new Map<string, Quorum>();
  private readonly members = new Set<string>();
  private quorum: Quorum | undefined;

  read(line: string): void {
    // eslint-disable-next-line no-control-regex -- the format forbids exactly these
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) throw problem('control characters are not allowed.');
    const [keyword, ...items] = line.split(/[ \t]+/).filter((item) => item !== '');
    if (keyword === undefined || keyword.startsWith('#')) return;
    switch (keyword) {
      case 'log': return this.readLog(items);
      case 'witness': return this.readWitness(items);
      case 'group': return this.readGroup(items);
      case 'quorum': return this.readQuorum(items);
      default: throw problem(`a line begins with log, witness, group or quorum, not with ${keyword}.`);
    }
  }

  policy(): Policy {
    if (this.quorum === undefined) throw problem('A policy has a line `quorum <name>`, or `quorum none`.');
    return { logs: this.logs, witnesses: this.witnesses, quorum: this.quorum };
  }

  private readLog([verifierKey, url, ...rest]: readonly string[]): void {
    if (verifierKey === undefined || rest.length > 0) throw problem('a log is `log <verifier key> [<url>]`.');
    const verifier = parseVerifier(verifierKey);
    demandNew(verifierKey, this.logs);
    this.logs.push({ verifier, verifierKey, ...(url !== undefined && { url }) });
  }

  private readWitness([name, verifierKey, url, ...rest]: readonly string[]): void {
    if (name === undefined || verifierKey === undefined || rest.length > 0) throw problem('a witness is `witness <name> <verifier key> [<url>]`.');
    const verifier = parseVerifier(verifierKey, [cosignature]);
    demandNew(verifierKey, this.witnesses);
    this.define(name, name);
    this.witnesses.push({ name, verifier, verifierKey, ...(url !== undefined && { url }) });
  }

  private readGroup([name, count, ...names]: readonly string[]): void {
    if (name === undefined || count === undefined || names.length === 0) throw problem('a group is `group <name> <k|all|any> <name>…`.');
    const members = names.map((member) => {
      if (this.members.has(member)) throw problem(`${member} is a member twice: each witness counts once.`);
      this.members.add(member);
      return this.find(member);
    });
    const threshold = count === 'all' ? members.length : count === 'any' ? 1 : /^[1-9]\d{0,3}$/.test(count) ? Number(count) : 0;
    if (threshold < 1 || threshold > members.length) throw problem(`a group of ${members.length} needs all, any, or a number from 1 to ${members.length}.`);
    this.define(name, { threshold, members });
  }

  private readQuorum([name, ...rest]: readonly string[]): void {
    if (name === undefined || rest.length > 0) throw problem('a quorum is `quorum <name>`.');
    if (this.quorum !== undefined) throw problem('there is one quorum only.');
    this.quorum = name === 'none' ? { threshold: 0, members: [] } : this.find(name);
  }

  private define(name: string, what: Quorum): void {
    if (RESERVED.has(name)) throw problem(`${name} is no name: it has a meaning of its own.`);
    if (this.named.has(name)) throw problem(`${name} is defined twice.`);
    this.named.set(name, what);
  }

  private find(name: string): Quorum {
    const found = this.named.get(name);
    if (found === undefined) throw problem(`${name} is not defined on a line before this one.`);
    return found;
  }
}

/** The same public key under two names would count twice. */
function demandNew(verifierKey: string, known: readonly { readonly verifierKey: string }[]): void {
  const publicKey = publicKeyOf(verifierKey);
  if (known.some((other) => publicKeyOf(other.verifierKey) === publicKey)) throw problem('this public key is listed twice.');
}

function publicKeyOf(verifierKey: string): string {
  const [, , ...base64] = verifierKey.split('+');
  return Buffer.from(base64.join('+'), 'base64').subarray(1).toString('hex');
}

function problem(message: string): TransparencyError {
  return new TransparencyError('MALFORMED', message);
}
