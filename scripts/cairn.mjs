#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const program = join(import.meta.dirname, 'dist', 'cli', 'main.js');
if (!existsSync(program)) {
  process.stderr.write('The cairn command is not built yet: run `npm run build`.\n');
  process.exit(2);
}
await import(pathToFileURL(program).href);
