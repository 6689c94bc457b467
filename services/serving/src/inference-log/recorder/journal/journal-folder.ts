import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootId } from './journal-header.js';

const SUFFIX = '.journal';
/** With the first digits of the machine's boot id. */
const FOLDER = /^p-([0-9a-f]{8})-[0-9a-f]{16}$/;
/** Of a process on another machine that is still there. */
const SILENT_MS = 120_000;

/**
 * The journals of one process, in a folder of its own beside those of others. While the process lives it listens on a socket beside the folder, which the kernel closes
 * whatever ends it: a process that no longer answers there is dead, whichever container it ran in, and its journals go to whoever comes first. Sockets say nothing of
 * another machine that shares the folder over a network, or of the time before this one was started: such a process is dead once it has given no sign for two
 * minutes, by the clock of the file system. A rename decides who takes over, for each journal by itself.
 */
export class JournalFolder {
  private constructor(
    private readonly parent: string,
    private readonly name: string,
    private readonly directory: FileHandle,
    private readonly server: Server,
  ) {}

  static async open(parent: string): Promise<JournalFolder> {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    const name = `p-${machine()}-${randomBytes(8).toString('hex')}`;
    const directory = await open(parent, 'r');
    const server = createServer((socket) => socket.destroy());
    try {
      // First the socket and the sign: a folder without them belongs to the dead.
      await listening(server, socketPath(parent, directory, name));
      await giveSign(parent, name);
      await mkdir(join(parent, name));
      await directory.sync();
    } catch (error) {
      server.close();
      await directory.close();
      throw new Error('The folder for journals of predictions can’t be used: it must be on a file system that has sockets.', { cause: error });
    }
    server.unref();
    return new JournalFolder(parent, name, directory, server);
  }

  get path(): string {
    return join(this.parent, this.name);
  }

  /** Takes over the journals of processes that are gone; their paths here. */
  async adopt(): Promise<readonly string[]> {
    const adopted: string[] = [];
    for (const name of await readdir(this.parent)) {
      if (!FOLDER.test(name) || name === this.name) continue;
      if (await this.isDead(name)) adopted.push(...(await this.adoptFrom(name)));
    }
    return adopted;
  }

  /** Puts aside what can't be made into a segment, for a person to look at. */
  async setAside(path: string, name: string): Promise<void> {
    const lost = join(this.parent, 'lost');
    await mkdir(lost, { recursive: true, mode: 0o700 });
    await rename(path, join(lost, `${name}${SUFFIX}`));
  }

  /** To be given much more often than every two minutes. */
  async giveSign(): Promise<void> {
    await giveSign(this.parent, this.name);
  }

  /** The names of the journals are on disk when it resolves, as far as they were there when it was called. */
  async sync(): Promise<void> {
    const folder = await open(this.path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** What lies here still waits for the next process. */
  async close(): Promise<void> {
    await rmdir(this.path).catch(unlessCode('ENOTEMPTY', 'EEXIST', 'ENOENT'));
    await rm(join(this.parent, `${this.name}.sign`), { force: true });
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    await this.directory.close();
  }

  private async isDead(name: string): Promise<boolean> {
    if (FOLDER.exec(name)?.[1] === machine()) return !(await isAlive(socketPath(this.parent, this.directory, name)));
    await this.giveSign();
    const [here, there] = await Promise.all([lastSign(this.parent, this.name), lastSign(this.parent, name)]);
    return here !== undefined && (there === undefined || here - there > SILENT_MS);
  }

  private async adoptFrom(name: string): Promise<readonly string[]> {
    const folder = join(this.parent, name);
    const adopted: string[] = [];
    for (const file of await readdir(folder).catch(() => [])) {
      // A segment's file is made again from its journal.
      if (!file.endsWith(SUFFIX)) await rm(join(folder, file), { recursive: true, force: true });
      else if (await moved(join(folder, file), join(this.path, file))) adopted.push(join(this.path, file));
    }
    await rmdir(folder).catch(unlessCode('ENOTEMPTY', 'EEXIST', 'ENOENT'));
    await rm(join(this.parent, `${name}.sign`), { force: true });
    await rm(socketPath(this.parent, this.directory, name), { force: true });
    return adopted;
  }
}

/** Told apart by when they were started. */
function machine(): string {
  return bootId().slice(0, 8) || '00000000';
}

async function giveSign(parent: string, name: string): Promise<void> {
  await writeFile(join(parent, `${name}.sign`), '1');
}

/** Milliseconds since 1970, as the file system has it; undefined for one that closed, or never gave any. */
async function lastSign(parent: string, name: string): Promise<number | undefined> {
  try {
    return (await stat(join(parent, `${name}.sign`))).mtimeMs;
  } catch (error) {
    unlessCode('ENOENT')(error);
    return undefined;
  }
}

/** Paths of sockets are short (108 bytes on Linux, 104 elsewhere). On Linux a directory that is open can be named by its number. */
function socketPath(parent: string, directory: FileHandle, name: string): string {
  if (process.platform === 'linux') return `/proc/self/fd/${directory.fd}/${name}.alive`;
  return join(tmpdir(), `cairn-${createHash('sha256').update(parent).digest('hex').slice(0, 12)}-${name}`);
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

async function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(!hasCode(error, 'ECONNREFUSED', 'ENOENT')));
  });
}

/** False when somebody else was faster. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    unlessCode('ENOENT')(error);
    return false;
  }
}

function unlessCode(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!hasCode(error, ...codes)) throw error;
  };
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
