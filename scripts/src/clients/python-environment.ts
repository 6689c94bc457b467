import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const OLDEST_PYTHON = [3, 11] as const;
const CHECK_VERSION = `import sys; sys.exit(0 if sys.version_info >= (${OLDEST_PYTHON.join(', ')}) else 3)`;

/**
 * A virtual environment with the pinned clients of `requirements<suffix>.txt`, kept in `folder` under the digest of its pins: made once, and anew when a pin
 * changes. Answers the path of its Python.
 */
export async function pythonWithClients(folder: string, clientsFolder: string, suffix = ''): Promise<string> {
  const files = [`requirements${suffix}.txt`, `constraints${suffix}.txt`].map((name) => join(clientsFolder, name));
  const pins = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const environment = join(folder, createHash('sha256').update(pins.join('\0')).digest('hex').slice(0, 16));
  const complete = join(environment, 'complete');
  const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (existsSync(complete)) return python;

  const [requirements = '', constraints = ''] = files;
  await rm(environment, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const system = await systemPython();
  process.stderr.write(`Installing requirements${suffix}.txt from PyPI; the first time this takes a minute …\n`);
  await run(system, ['-m', 'venv', environment], 'Python has no venv module: on Debian and Ubuntu, apt-get install python3-venv.');
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements, '--constraint', constraints];
  await run(python, install, 'The clients could not be installed from PyPI.');
  await writeFile(complete, '');
  return python;
}

async function systemPython(): Promise<string> {
  for (const candidate of ['python3', 'python']) {
    if ((await exitCode(candidate, ['-c', CHECK_VERSION])) === 0) return candidate;
  }
  throw new Error(`The client tests need Python ${OLDEST_PYTHON.join('.')} or newer as python3 on the PATH.`);
}

async function run(file: string, args: readonly string[], complaint: string): Promise<void> {
  const code = await exitCode(file, args, 2);
  if (code !== 0) throw new Error(complaint);
}

/** Undefined when the program is not there. A number is an open file for its output. */
export function exitCode(file: string, args: readonly string[], output: 'ignore' | 'inherit' | number = 'ignore', env = process.env): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', output, output], env });
    child.once('error', () => resolve(undefined));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
