import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { tempDir } from '@cairn/testing';
import { describe, expect, it } from 'vitest';

import { DataDirLocked, lockDataDir } from './data-dir-lock.js';

describe('lockDataDir', () => {
  it('keeps others out until it is let go of', () => {
    const dataDir = tempDir('lock');
    const release = lockDataDir(dataDir);
    expect(() => lockDataDir(dataDir)).toThrow(DataDirLocked);
    release();
    expect(existsSync(join(dataDir, 'lock'))).toBe(false);
    lockDataDir(dataDir)();
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, started: '1' })],
    ['of an id that belongs to another process by now', JSON.stringify({ pid: process.pid, started: 'long ago' })],
    ['that a crash left torn', '{"pid": 12'],
    ['that is empty', ''],
  ])('takes over a lock %s', (_, left) => {
    const dataDir = tempDir('lock');
    writeFileSync(join(dataDir, 'lock'), left);
    const release = lockDataDir(dataDir);
    expect(JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    release();
  });
});
