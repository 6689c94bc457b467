import { createWitnessKey, startWitness, WitnessError, type RunningWitness, type WitnessOptions } from '@cairn/witness';
import type { Command } from 'commander';
import { NotDone } from '../exit.js';
import { port, settingsOf } from '../settings.js';
import { note, say, sayJson } from '../terminal.js';

interface RunOptions {
  readonly keyFile: string;
  readonly stateDir: string;
  readonly logsFile: string;
  readonly port: number;
  readonly host: string;
}

const DEFAULT_PORT = 5060;

export function register(program: Command): void {
  const witness = program.command('witness').description('a witness: cosigns the checkpoints of logs that only grew (C2SP tlog-witness)');
  witness
    .command('key')
    .description('makes a signing key for a witness, and prints the key that verifies it')
    .argument('<file>', 'where to keep the signing key; it must not exist')
    .argument('<name>', 'of the witness, e.g. witness.example.com')
    .action(async (file: string, name: string, _: object, command: Command) => {
      const verifierKey = await expected(createWitnessKey(file, name));
      if (settingsOf(command).json) sayJson({ file, verifier_key: verifierKey });
      else say(verifierKey);
    });
  witness
    .command('run')
    .description('runs a witness until SIGTERM or Ctrl-C; every answer is a line on standard error')
    .requiredOption('--key-file <file>', 'its signing key, as `cairn witness key` makes one')
    .requiredOption('--state-dir <folder>', 'where it remembers what it cosigned: on a disk of its own')
    .requiredOption('--logs-file <file>', 'verifier keys of the logs that it cosigns, one a line')
    .option('--port <n>', 'where it listens; 0 takes a free one', port, DEFAULT_PORT)
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .action(async (options: RunOptions, command: Command) => run(options, settingsOf(command).json));
}

async function run(options: RunOptions, json: boolean): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const onAnswer: WitnessOptions['onAnswer'] = ({ origin, status, detail }) => note(JSON.stringify({ time: new Date().toISOString(), origin, status, detail }));
  const witness: RunningWitness = await expected(startWitness({ ...options, onAnswer }));
  if (json) sayJson({ url: witness.url, verifier_key: witness.verifierKey });
  else say(`witness <name> ${witness.verifierKey} ${witness.url}`);
  await stopped;
  await witness.close();
}

async function expected<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const address = error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EADDRNOTAVAIL' || error.code === 'EACCES');
    if (error instanceof WitnessError || address) throw new NotDone(error.message, { cause: error });
    throw error;
  }
}
