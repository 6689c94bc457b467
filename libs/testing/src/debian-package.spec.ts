import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { debianPackage } from './debian-package.js';
import { tempDir } from './servers/temp-dir.js';

const wanted = { name: 'no-such-package', version: '1.0-1', sha256: '00' };

it('takes what is in the cache and asks nobody', () => {
  const cache = tempDir('cache');
  mkdirSync(join(cache, 'no-such-package-1.0-1'));
  expect(debianPackage(wanted, cache)).toBe(join(cache, 'no-such-package-1.0-1'));
});
