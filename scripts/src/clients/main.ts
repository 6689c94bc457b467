import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { serviceNames } from '../stack/parts.js';
import { startStack, type Stack } from '../stack/stack.js';
import { meanModel } from './mean-model.js';
import { exitCode, pythonWithClients } from './python-environment.js';

const repository = resolve(import.meta.dirname, '../../..');
const clientsFolder = join(repository, 'test', 'clients');
const tokens = { ana: randomBytes(24).toString('base64url'), ben: randomBytes(24).toString('base64url') };

// The receivers of webhooks are servers of the tests.
const receiversHere = { CAIRN_WEBHOOK_HTTP: 'allow', CAIRN_WEBHOOK_PRIVATE_ADDRESSES: 'allow', CAIRN_WEBHOOK_FIRST_RETRY_MS: '50' };

// Arguments go to pytest, e.g. `npm run test:clients -- -k mlflow`.
const folder = await mkdtemp(join(tmpdir(), 'cairn-clients-'));
let stack: Stack | undefined;
try {
  const python = await pythonWithClients(join(repository, '.cairn', 'clients-venv'), clientsFolder);
  await writeFile(join(folder, 'mean.onnx'), meanModel());
  process.stderr.write('Starting PostgreSQL, nats-server and the services …\n');
  stack = await startStack({ dataDir: join(folder, 'data'), ports: 'any', tokens, quiet: true, env: receiversHere });
  process.exitCode = (await exitCode(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', clientsFolder, ...process.argv.slice(2)], 'inherit', clientEnvironment(stack))) ?? 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
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
    CAIRN_CLIENT_TOKENS: JSON.stringify(tokens),
    CAIRN_CLIENT_FIXTURES: folder,
    PYTHONDONTWRITEBYTECODE: '1',
    NO_PROXY: '127.0.0.1,localhost',
  };
}
