import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

let directory: string | undefined;

/**
 * Vitest's global setup of every project: specs, and the programs that they start, find their temporary files in one directory
 * per run, which goes when the run ends. Workers are ended without a chance to tidy up themselves.
 */
export function setup(project: TestProject): void {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'cairn-run-')));
  project.config.env = { ...project.config.env, TMPDIR: directory };
}

export function teardown(): void {
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}
