import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { evict } from './object-cache.js';

it('removes what was not used for longest, and nothing that was used in the last hour', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cairn-cache-'));
  const folder = join(root, 'sha256', 'ab');
  await mkdir(folder, { recursive: true });
  const now = 1_700_000_000_000;
  const minutesAgo = { oldest: 300, older: 200, recent: 10, newest: 0 };
  for (const [name, minutes] of Object.entries(minutesAgo)) {
    await writeFile(join(folder, name), Buffer.alloc(100));
    await utimes(join(folder, name), now / 1000 - minutes * 60, now / 1000 - minutes * 60);
  }

  await evict(root, 350, now);
  expect((await readdir(folder)).sort()).toEqual(['newest', 'older', 'recent']);
  await evict(root, 0, now);
  expect((await readdir(folder)).sort()).toEqual(['newest', 'recent']);
  await rm(root, { recursive: true });
});
