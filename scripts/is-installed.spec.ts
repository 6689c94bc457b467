import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { tempDir } from '@cairn/testing';
import { describe, expect, it } from 'vitest';

import { isInstalled } from './is-installed.mjs';

function clone(wanted: object, present?: object): string {
  const root = tempDir('clone');
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, 'libs/one': {}, 'node_modules/@cairn/one': { link: true }, ...wanted } }));
  if (present !== undefined) {
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: present }));
  }
  return root;
}

describe('isInstalled', () => {
  it('is false in a fresh clone, and where npm did not finish', () => {
    expect(isInstalled(clone({ 'node_modules/a': { version: '1.0.0' } }))).toBe(false);
  });

  it('is true when every version is the wanted one, packages for other platforms aside', () => {
    const wanted = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/a-darwin': { version: '1.0.0', optional: true } };
    expect(isInstalled(clone(wanted, { 'node_modules/a': { version: '1.0.0' } }))).toBe(true);
  });

  it('is false when a version differs or a package is missing', () => {
    expect(isInstalled(clone({ 'node_modules/a': { version: '1.1.0' } }, { 'node_modules/a': { version: '1.0.0' } }))).toBe(false);
    expect(isInstalled(clone({ 'node_modules/a': { version: '1.0.0' } }, {}))).toBe(false);
  });
});
