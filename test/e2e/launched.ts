import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface Launched {
  readonly gatewayUrl: string;
  /** What it printed on standard output so far. */
  output(): string;
  /** Sends the signal and answers the exit code, once the process has ended. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Runs the built launcher as `npm start` does, on free ports; `settings` are environment variables. Resolves when it says that everything is up. */
export async function launch(dataDir: string, args: readonly string[] = [], settings: Readonly<Record<string, string>> = {}): Promise<Launched> {
  const all = ['scripts/dist/start.js', '--data-dir', dataDir, '--port-base', 'any', ...args];
  const child = spawn(process.execPath, all, { cwd: root, env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  await new Promise<void>((up, failed) => {
    child.stdout.on('data', () => (output.includes('Up after') ? up() : undefined));
    child.once('exit', (code) => failed(new Error(`the launcher ended with ${String(code)} before it was up; build first (npm run build).\n${errors}`)));
  });
  const gatewayUrl = /gateway\s+.*?(http:\/\/\S+)/.exec(output)?.[1];
  if (gatewayUrl === undefined) throw new Error(`the launcher's table names no gateway:\n${output}`);
  return { gatewayUrl: gatewayUrl.replace(/\/$/, ''), output: () => output, end: (signal) => end(child, signal) };
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((ended) => {
    child.once('exit', (code) => ended(code));
    child.kill(signal);
  });
}
