import { randomInt } from 'node:crypto';
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

/**
 * Below the ranges from which systems give local ports to connections (Linux: from 32768, macOS and Windows: from 49152). A port from such a
 * range can go to any connection before its server opens it; and a client that tries again and again to reach a stopped server there may get
 * that very port as its own, connect to itself, and keep the server from coming back.
 */
const LOWEST = 15_000;
const HIGHEST = 32_000;
const MAX_DRAWS = 1_000;

/** A port that was free a moment ago. Another process may take it before its user does, so the user retries. */
export async function freePort(): Promise<number> {
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isPortFree(port)) return port;
  }
  throw new EmbeddedError('START_FAILED', `No free port was found from ${LOWEST} to ${HIGHEST}.`);
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
