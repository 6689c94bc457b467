import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil, type TestDatabase } from '@cairn/testing';

export interface TrackingProcess {
  readonly url: string;
  /** Without a warning; resolves when it is gone. */
  kill(): Promise<void>;
}

/** The service as a process of its own, on a port that it says itself. Needs a build. */
export async function startTrackingProcess(database: TestDatabase, dataDir: string): Promise<TrackingProcess> {
  const main = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
  if (!existsSync(main)) throw new Error('The service is not built: run `npm run build` first.');
  const env = { ...process.env, CAIRN_DATABASE_URL: database.url, CAIRN_DATA_DIR: dataDir, CAIRN_PORT: '0', CAIRN_LOG_LEVEL: 'info' };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const url = await waitUntil('the service listens', () => {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${said}`);
    return /"url":"(http[^"]+)"/.exec(said)?.[1];
  });
  return {
    url,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
