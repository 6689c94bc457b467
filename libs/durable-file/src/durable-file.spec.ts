import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createText, readText, replaceText } from './durable-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-durable-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a durable file', () => {
  it('is undefined until it is there, then its last text', async () => {
    const path = join(folder, 'new folder', 'key');
    expect(await readText(path)).toBeUndefined();
    await replaceText(path, 'first', 0o600);
    await replaceText(path, 'second', 0o600);
    expect(await readText(path)).toBe('second');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is one of the texts, whole, when several are written at once, and leaves nothing beside it', async () => {
    const path = join(folder, 'key');
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
    await Promise.all(texts.map((text) => replaceText(path, text, 0o600)));
    expect(texts).toContain(await readText(path));
    expect(readdirSync(folder)).toEqual(['key']);
  });

  it('is created once, whoever comes first, and is never written over', async () => {
    const path = join(folder, 'new folder', 'key');
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
    await Promise.all(texts.map((text) => createText(path, text, 0o600)));
    const made = await readText(path);
    expect(texts).toContain(made);
    await createText(path, 'later', 0o600);
    expect(await readText(path)).toBe(made);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'new folder'))).toEqual(['key']);
  });

  it('says why a text could not be replaced, and leaves nothing beside it', async () => {
    await replaceText(join(folder, 'file'), 'x', 0o600);
    await expect(replaceText(join(folder, 'file', 'below'), 'y', 0o600)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(replaceText(folder, 'y', 0o600)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['file']);
  });
});
