import { rmSync } from 'node:fs';

import { type Nats, startNats } from '@cairn/embedded';

import { tempDir } from './temp-dir.js';

/** A nats-server with JetStream for one suite, on a free port; `stop` removes what it stored. */
export async function startTestNats(): Promise<Nats> {
  const dataDir = tempDir('nats');
  const server = await startNats({ dataDir });
  return {
    url: server.url,
    port: server.port,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    restart: () => server.restart(),
    stop: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
