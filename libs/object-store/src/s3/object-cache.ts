import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** A path that was handed out stays good for so long. */
const IN_USE_MS = 60 * 60 * 1000;

/** Removes the files of a cache folder that were not used for longest, until at most `maxBytes` are left; never one used in the last hour. */
export async function evict(root: string, maxBytes: number, nowMs: number): Promise<void> {
  const files = await filesOf(join(root, 'sha256'));
  let total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  for (const { path, sizeBytes, usedMs } of files.sort((one, other) => one.usedMs - other.usedMs)) {
    if (total <= maxBytes || nowMs - usedMs < IN_USE_MS) return;
    await rm(path, { force: true });
    total -= sizeBytes;
  }
}

export async function markUsed(path: string, nowMs: number): Promise<void> {
  await utimes(path, nowMs / 1000, nowMs / 1000);
}

interface CachedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly usedMs: number;
}

async function filesOf(root: string): Promise<CachedFile[]> {
  const files: CachedFile[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined) files.push({ path, sizeBytes: found.size, usedMs: found.mtimeMs });
  }
  return files;
}
