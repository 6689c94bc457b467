import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyBundle, writeBundle, type BundleVerdict } from '@cairn/audit';
import type { Command } from 'commander';
import { DIFFERS, DONE, NotDone } from '../exit.js';
import { keyOrFile, readGiven } from '../files.js';
import { Gateway } from '../gateway.js';
import { position, settingsOf, several } from '../settings.js';
import { say, sayJson } from '../terminal.js';

interface BundleOptions {
  readonly from: bigint;
  readonly to?: bigint;
  readonly output: string;
  readonly earlier?: readonly string[];
  readonly policy?: string;
}

interface VerifyOptions {
  readonly key?: string;
  readonly checkpoint?: string;
  readonly policy?: string;
}

/** Definitions of the events: what the last release published, in the checkout that this command is of. */
const SCHEMAS = join(import.meta.dirname, '../../../../proto/published.binpb');

export function register(program: Command): void {
  const audit = program.command('audit').description('bundles for auditors: made of a running log, verified without one');
  audit
    .command('bundle')
    .description('puts a range of the log into one file that verifies on its own, and verifies it')
    .option('--from <position>', 'first position', position, 0n)
    .option('--to <position>', 'behind the last position; by default all that is signed', position)
    .requiredOption('-o, --output <file>', 'where to write, e.g. 2026.cairn-audit.zip')
    .option('--earlier <file>', 'a checkpoint that was signed before, to be proved the beginning of this log; may be repeated', several)
    .option('--policy <file>', 'which witnesses the log asks to cosign (C2SP tlog-policy)')
    .action(async (options: BundleOptions, command: Command) => bundle(options, command));
  audit
    .command('verify')
    .description('verifies a bundle with no network and no server')
    .argument('<bundle>', 'a .cairn-audit.zip')
    .option('--key <key>', 'the log’s verifier key, or a file with it, from another place than the bundle')
    .option('--checkpoint <file>', 'a checkpoint of the same log that you kept')
    .option('--policy <file>', 'which witnesses must have cosigned the checkpoint (C2SP tlog-policy)')
    .action(async (path: string, options: VerifyOptions, command: Command) => verify(path, options, command));
}

async function bundle({ from, to, output, earlier = [], policy }: BundleOptions, command: Command): Promise<void> {
  const settings = settingsOf(command);
  const source = new Gateway(settings);
  const schemas = await readFile(SCHEMAS).catch((cause: unknown) => {
    throw new NotDone('proto/published.binpb is missing from this checkout.', { cause });
  });
  const policyText = policy === undefined ? undefined : await readGiven(policy);
  await writeBundle(output, {
    source,
    from,
    ...(to !== undefined && { to }),
    earlierCheckpoints: await Promise.all(earlier.map(readGiven)),
    ...(policyText !== undefined && { policy: policyText }),
    schemas,
    created: new Date().toISOString(),
  });
  // A bundle of a log that does not verify is evidence too: it stays, and the exit code says so.
  const verdict = await verifyBundle(output, { verifierKey: await source.verifierKey(), ...(policyText !== undefined && { policy: policyText }) });
  report(verdict, output, settings.json);
}

async function verify(path: string, { key, checkpoint, policy }: VerifyOptions, command: Command): Promise<void> {
  const verdict = await verifyBundle(path, {
    ...(key !== undefined && { verifierKey: await keyOrFile(key) }),
    ...(checkpoint !== undefined && { checkpoint: await readGiven(checkpoint) }),
    ...(policy !== undefined && { policy: await readGiven(policy) }),
  });
  report(verdict, path, settingsOf(command).json);
}

function report({ verified, manifest, root, proved, notProved, finding }: BundleVerdict, file: string, json: boolean): void {
  process.exitCode = verified ? DONE : DIFFERS;
  if (json) {
    sayJson({ verified, file, ...manifest, root: root && Buffer.from(root).toString('base64'), proved, not_proved: notProved, ...(finding && { finding }) });
    return;
  }
  sayList('Proved:', proved);
  sayList('Not proved:', notProved);
  say(finding === undefined ? 'VERIFIED' : `NOT VERIFIED. ${finding.message} (${finding.code})`);
}

function sayList(title: string, sentences: readonly string[]): void {
  if (sentences.length > 0) say([title, ...sentences.map((sentence) => `  - ${sentence}`)].join('\n'));
}
