import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decodeEvent, encodeEvent } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';
import type { Logger } from '@cairn/service';
import type { WorkEvent, WorkItem } from '../../fleet/work-feed.js';

/** One line of the file, as JSON. `data` is proto3 JSON, as the log has it. */
interface Line {
  readonly id: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: string;
  readonly workspace: string;
  readonly type: string;
  readonly data: JsonObject;
}

/**
 * What a replica was told, event by event, in a local file: after a restart it knows its work again while NATS and the control plane are away. Appended without a sync: what the
 * machine loses, NATS brings again.
 */
export class WorkFile {
  private constructor(
    private readonly handle: FileHandle,
    private readonly logger: Logger,
    /** What it held when it was opened, in the order in which it came. */
    readonly items: readonly WorkItem[],
  ) {}

  /** The end of the file that is not whole, as after a loss of power, is cut off. */
  static async open(path: string, logger: Logger): Promise<WorkFile> {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, 'a', 0o600);
    const { items, wholeBytes, bytes } = parse(await readFile(path));
    if (wholeBytes < bytes) {
      logger.warn({ path, bytes: bytes - wholeBytes }, 'the end of the file with the work of this replica is damaged; it is fetched again');
      await handle.truncate(wholeBytes);
    }
    return new WorkFile(handle, logger, items);
  }

  /** Never rejects: a replica whose disk is full answers on, and is told again after a restart. */
  async append(items: readonly WorkItem[]): Promise<void> {
    if (items.length === 0) return;
    try {
      await this.handle.appendFile(items.map((item) => `${JSON.stringify(toLine(item))}\n`).join(''));
    } catch (error) {
      this.logger.error({ err: error }, 'the work of this replica can’t be kept on its disk');
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

function toLine({ event, id, position, stream, revision, workspace }: WorkItem): Line {
  return { id, position: String(position), stream, revision: String(revision), workspace, type: event.type, data: encodeEvent(event) };
}

function parse(file: Buffer): { readonly items: readonly WorkItem[]; readonly wholeBytes: number; readonly bytes: number } {
  const items: WorkItem[] = [];
  let wholeBytes = 0;
  for (let end = file.indexOf('\n'); end >= 0; end = file.indexOf('\n', end + 1)) {
    const item = parseLine(file.toString('utf8', wholeBytes, end));
    if (item === undefined) break;
    items.push(item);
    wholeBytes = end + 1;
  }
  return { items, wholeBytes, bytes: file.length };
}

function parseLine(text: string): WorkItem | undefined {
  try {
    const { id, position, stream, revision, workspace, type, data } = JSON.parse(text) as Line;
    return { id, position: BigInt(position), stream, revision: BigInt(revision), workspace, event: decodeEvent<WorkEvent>(type, data) };
  } catch {
    return undefined;
  }
}
