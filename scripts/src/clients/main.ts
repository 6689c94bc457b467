import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { serviceNames } from '../stack/parts.js';
import { startStack, type Stack } from '../stack/stack.js';
import { clientSets, type ClientSet } from './client-sets.js';
import { compareTables } from './compare-tables.js';
import { identityModels } from './identity-model.js';
import { meanModel } from './mean-model.js';
import { exitCode, pythonWithClients } from './python-environment.js';

const repository = resolve(import.meta.dirname, '../../..');
const clientsFolder = join(repository, 'test', 'clients');
const tokens = { ana: randomBytes(24).toString('base64url'), ben: randomBytes(24).toString('base64url') };

// The receivers of webhooks are servers of the tests.
const receiversHere = { CAIRN_WEBHOOK_HTTP: 'allow', CAIRN_WEBHOOK_PRIVATE_ADDRESSES: 'allow', CAIRN_WEBHOOK_FIRST_RETRY_MS: '50' };

/** Of pytest: it found no test to run. */
const NOTHING_TO_RUN = 5;

// Arguments go to pytest, e.g. `npm run test:clients -- -k mlflow`.
const asked = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'cairn-clients-'));
let stack: Stack | undefined;
try {
  const pythons = new Map<ClientSet, string>();
  for (const set of clientSets) pythons.set(set, await pythonWithClients(join(repository, '.cairn', 'clients-venv'), clientsFolder, set.suffix));
  await writeFile(join(folder, 'mean.onnx'), meanModel());
  for (const [group, onnx] of identityModels()) await writeFile(join(folder, `identity-${group}.onnx`), onnx);
  note('Starting PostgreSQL, nats-server and the services …');
  const running = (stack = await startStack({ dataDir: join(folder, 'data'), ports: 'any', tokens, quiet: true, env: receiversHere }));
  const codes = new Map<ClientSet, number>();
  const run = async (set: ClientSet, output: 'inherit' | number): Promise<void> => void codes.set(set, await runTests(pythons.get(set) ?? '', set, running, output));
  const [newest, ...older] = clientSets;
  note(`\n${newest.name}`);
  await run(newest, 'inherit');
  // Older clients spend their time waiting: together they take little longer than one of them.
  const reports = await Promise.all(older.map((set) => reported(set, (output) => run(set, output))));
  for (const report of reports) note(`\n${report}`);
  const failed = clientSets.filter((set) => ![0, NOTHING_TO_RUN].includes(codes.get(set) ?? 1)).map(({ name }) => name);
  const ran = [...codes.values()].some((code) => code !== NOTHING_TO_RUN);
  note('');
  const same = await compareTables({ url: running.urls.gateway, token: tokens.ana }, note);
  if (failed.length > 0) note(`Failed: ${failed.join('; ')}`);
  if (!ran) note('No test was run.');
  process.exitCode = failed.length === 0 && ran && same ? 0 : 1;
} catch (error) {
  note(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The set's name and what its tests said. */
async function reported({ name, suffix }: ClientSet, tests: (output: number) => Promise<void>): Promise<string> {
  const path = join(folder, `report${suffix}.txt`);
  const file = await open(path, 'w');
  try {
    await tests(file.fd);
  } finally {
    await file.close();
  }
  return `${name}\n${await readFile(path, 'utf8')}`;
}

async function runTests(python: string, { tests, isNewest }: ClientSet, running: Stack, output: 'inherit' | number): Promise<number> {
  const files = (await readdir(clientsFolder)).filter((name) => tests.test(name)).sort();
  const paths = files.map((name) => join(clientsFolder, name));
  const environment = { ...clientEnvironment(running), ...(isNewest && { CAIRN_CLIENTS_NEWEST: 'true' }) };
  return (await exitCode(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', ...paths, ...asked], output, environment)) ?? 1;
}

/** What a team sets to use Cairn: a URL and a token. The rest tells the tests where to look. */
function clientEnvironment({ urls }: Stack): NodeJS.ProcessEnv {
  return {
    ...process.env,
    MLFLOW_TRACKING_URI: urls.gateway,
    MLFLOW_TRACKING_TOKEN: tokens.ana,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    // A failure must show as one, not as a client that waits and repeats.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1',
    CAIRN_GATEWAY_URL: urls.gateway,
    CAIRN_SERVICE_URLS: JSON.stringify(Object.fromEntries(serviceNames.map((name) => [name, urls[name]]))),
    CAIRN_SERVING_GRPC: urls.servingGrpc,
    CAIRN_CLIENT_TOKENS: JSON.stringify(tokens),
    CAIRN_CLIENT_FIXTURES: folder,
    PYTHONDONTWRITEBYTECODE: '1',
    NO_PROXY: '127.0.0.1,localhost',
  };
}
