// Makes what compose.yaml needs, beside it: `.env` with a password and a token for each service, and `tokens` with the hashes that all services read.
// Arguments are the principals who get a token too; theirs are printed, once. Files that are there are never overwritten.
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const services = readdirSync(join(folder, '..', 'services'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const principals = process.argv.slice(2);
if (principals.length === 0) throw new Error('Name the people or programs that may use Cairn: node deploy/tokens.mjs ana ben');

const secret = () => randomBytes(24).toString('base64url');
const tokens = Object.fromEntries([...services, ...principals].map((principal) => [principal, secret()]));
const hashes = Object.entries(tokens).map(([principal, token]) => `${createHash('sha256').update(token).digest('hex')} ${principal}\n`);
const variables = services.map((name) => `${name.toUpperCase().replaceAll('-', '_')}_TOKEN=${tokens[name]}\n`);

const once = { mode: 0o600, flag: 'wx' };
writeFileSync(join(folder, '.env'), `POSTGRES_PASSWORD=${secret()}\n${variables.join('')}`, once);
// The services run as another user than the one who starts them.
writeFileSync(join(folder, 'tokens'), hashes.join(''), { ...once, mode: 0o644 });
for (const principal of principals) process.stdout.write(`${principal} ${tokens[principal]}\n`);
