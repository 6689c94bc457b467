import { createServer } from 'node:net';

import { EmbeddedError } from '../embedded-error.js';

export const LOOPBACK = '127.0.0.1';

/** True when nothing listens on the port of the loopback address. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: LOOPBACK, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** A port that was free a moment ago. Another process may take it before its user does, so the user retries. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ port: 0, host: LOOPBACK, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new EmbeddedError('START_FAILED', 'The system gave no free port.'));
      });
    });
  });
}

export function portTaken(port: number, who: string): EmbeddedError {
  return new EmbeddedError('PORT_TAKEN', `Port ${port} on ${LOOPBACK}, meant for ${who}, is taken by another program. Choose another port or stop that program.`);
}

const MAX_ATTEMPTS = 5;

/**
 * Runs `start` on the port that was asked for, or on a free one. A chosen port that somebody takes first is chosen again,
 * a bounded number of times; a port that was asked for is not.
 */
export async function withPort<T>(asked: number | undefined, who: string, start: (port: number) => Promise<T>): Promise<T> {
  if (asked !== undefined) {
    if (!(await isPortFree(asked))) throw portTaken(asked, who);
    return start(asked);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      const raced = error instanceof EmbeddedError && error.code === 'PORT_TAKEN';
      if (!raced || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
