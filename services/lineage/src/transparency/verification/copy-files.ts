import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tilesByPath, verifyCopy, type LogVerdict, type TileSource } from '@cairn/transparency';

export interface CopyFiles {
  /** NDJSON of `{"position","body"}`, from position 0. */
  readonly copy: string;
  /** The signed note. */
  readonly checkpoint: string;
  /** Verifier key, the text itself. */
  readonly key: string;
  /** Folder or URL under which `tile/…` lies; without it a change is seen, but its place is not. */
  readonly tiles?: string;
}

/** Checks an exported copy against files alone; asks nobody but, where it is a URL, the keeper of the tiles. */
export async function verifyCopyFiles({ copy, checkpoint, key, tiles }: CopyFiles): Promise<LogVerdict> {
  const evidence = { checkpoint: await readFile(checkpoint, 'utf8'), verifierKey: key.trim(), ...(tiles !== undefined && { tiles: tileSource(tiles) }) };
  // Lines that come before somebody iterates are lost: nothing may be awaited between these two.
  const lines = createInterface({ input: createReadStream(copy, 'utf8'), crlfDelay: Infinity });
  return verifyCopy(lines, evidence);
}

function tileSource(place: string): TileSource {
  if (/^https?:\/\//.test(place)) {
    return tilesByPath(async (path) => {
      const response = await fetch(`${place.replace(/\/$/, '')}/${path}`);
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      if (response.status === 404) return undefined;
      throw new Error(`The keeper of the tiles answered ${response.status}.`);
    });
  }
  return tilesByPath(async (path) => {
    try {
      return await readFile(join(place, path));
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
      throw error;
    }
  });
}
