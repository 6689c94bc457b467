// The entry of every `npm run` command. It has no dependencies, so that it works right after `git clone`: it installs and builds
// what is missing, and then hands over to the command itself.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { isInstalled } from './is-installed.mjs';

const NEEDED_NODE = [20, 19];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const commands = {
  start: { file: 'scripts/dist/start.js', does: 'all of Cairn on this machine' },
  demo: { file: 'scripts/dist/demo/main.js', does: 'three million flights once around the loop' },
  bench: { file: 'scripts/dist/bench/main.js', does: 'benchmarks: append, command, mlflow, mlflow-clients, proof, relay, replay, replay-load, traces' },
  clients: { file: 'scripts/dist/clients/main.js', does: 'real third-party clients against a running stack' },
  test: { file: 'node_modules/vitest/vitest.mjs', args: ['run'], does: 'every test' },
};

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) {
  const list = Object.entries(commands).map(([known, { does }]) => `  ${known.padEnd(8)} ${does}`);
  fail(`${name === '' ? 'No command.' : `There is no command ${name}.`} Commands:\n${list.join('\n')}`);
}
checkNode();
if (!isInstalled(root)) await step('Installing dependencies (npm ci); the first time this takes a minute or two', ...npm('ci', '--no-audit', '--no-fund'));
await step(existsSync(join(root, 'scripts', 'dist')) ? undefined : 'Building', process.execPath, [join(root, 'node_modules/@typescript/native/bin/tsc'), '-b']);
await handOver(join(root, command.file), [...(command.args ?? []), ...args]);

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [neededMajor, neededMinor] = NEEDED_NODE;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  fail(`Cairn needs Node ${NEEDED_NODE.join('.')} or newer; this is ${process.versions.node}.`);
}

/** npm names itself to the scripts that it runs; on Windows its command is no program that could be spawned. */
function npm(...npmArgs) {
  const cli = process.env['npm_execpath'];
  return cli?.endsWith('.js') ? [process.execPath, [cli, ...npmArgs]] : ['npm', npmArgs];
}

/** Its output goes to standard error: what a command prints on standard output is its own. */
async function step(line, file, stepArgs) {
  if (line !== undefined) process.stderr.write(`${line} …\n`);
  const child = spawn(file, stepArgs, { cwd: root, stdio: ['ignore', 2, 2] });
  const forward = (signal) => child.kill(signal);
  process.once('SIGTERM', forward);
  const ended = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  process.removeListener('SIGTERM', forward);
  if (ended !== 0) fail(`${[file, ...stepArgs].join(' ')} ended with ${ended}.`, typeof ended === 'number' ? ended : 1);
}

/** In this same process: signals, terminal and exit code are the command's own. */
async function handOver(file, commandArgs) {
  if (!existsSync(file)) fail(`${file} is missing although everything is built.`);
  process.chdir(root);
  // What a command says of its own time begins here: installing is not part of it.
  performance.mark('hand-over');
  process.argv.splice(1, process.argv.length, file, ...commandArgs);
  await import(pathToFileURL(file).href);
}

function fail(sentence, code = 1) {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
}
