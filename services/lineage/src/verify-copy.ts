import { parseArgs } from 'node:util';
import { convertVerdict } from './transparency/http/convert.js';
import { verifyCopyFiles } from './transparency/verification/copy-files.js';

// node dist/verify-copy.js --copy events.ndjson --checkpoint checkpoint --key <verifier key> [--tiles <folder or URL>]
// Prints the verdict as JSON; exits with 0 when the copy verifies, 1 when it does not, 2 when it could not be checked.
try {
  const options = { copy: { type: 'string' }, checkpoint: { type: 'string' }, key: { type: 'string' }, tiles: { type: 'string' } } as const;
  const { copy, checkpoint, key, tiles } = parseArgs({ options }).values;
  if (copy === undefined || checkpoint === undefined || key === undefined) throw new Error('--copy, --checkpoint and --key are needed.');
  const verdict = await verifyCopyFiles({ copy, checkpoint, key, ...(tiles !== undefined && { tiles }) });
  process.stdout.write(`${JSON.stringify(convertVerdict(verdict))}\n`);
  process.exitCode = verdict.verified ? 0 : 1;
} catch (error) {
  process.stderr.write(`The copy could not be checked. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
