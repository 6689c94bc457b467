import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { tempDir } from '@cairn/testing';
import { expect, it } from 'vitest';

import { findNatsServer } from './program.js';

it('takes the first nats-server on PATH that can be run', () => {
  const [broken, good] = [tempDir('path'), tempDir('path')];
  writeFileSync(join(broken, 'nats-server'), '');
  chmodSync(join(broken, 'nats-server'), 0o644);
  writeFileSync(join(good, 'nats-server'), '#!/bin/sh\n');
  chmodSync(join(good, 'nats-server'), 0o755);
  expect(findNatsServer(() => undefined, [broken, good].join(delimiter))).toBe(join(good, 'nats-server'));
});
