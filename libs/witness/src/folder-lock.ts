import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { hasCode, WitnessError } from './errors.js';

/** What the kernel takes as the name of a socket, less some bytes. */
const MAX_PATH_BYTES = 100;

/**
 * Keeps a second witness out of a state folder for as long as this process lives. A socket, not a file with a number in it: it ends with the process, also with
 * kill -9, and a process that was given the same number later is not taken for its owner.
 */
export async function lockFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const path = join(folder, 'in-use.sock');
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new WitnessError('STATE_IN_USE', `The path of the state folder is too long to be locked: at most ${MAX_PATH_BYTES - 'in-use.sock'.length - 1} bytes.`);
  }
  const server = (await listen(path)) ?? (await isAlive(path)) ?? (await listenInstead(path));
  if (server === true || server === undefined) throw new WitnessError('STATE_IN_USE', `Another witness works in ${folder}. Two of them would cosign a fork.`);
  server.unref();
  return {
    release: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

/** Undefined when the name is taken. */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(path);
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) return undefined;
    throw error;
  }
}

/** True when somebody listens there; undefined when what is there is left over from a process that died. */
async function isAlive(path: string): Promise<true | undefined> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (hasCode(error, 'ECONNREFUSED') || hasCode(error, 'ENOENT')) return undefined;
    throw error;
  } finally {
    socket.destroy();
  }
}

async function listenInstead(path: string): Promise<Server | undefined> {
  await rm(path, { force: true });
  return listen(path);
}
