import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { EmbeddedError } from '../embedded-error.js';
import { runApt } from '../process/apt.js';

/** Where packagers put it that is not on every user's PATH. */
const USUAL_PLACES = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/snap/bin'];

/** The path of `nats-server`; on Debian and Ubuntu root gets it installed when it is missing. */
export function findNatsServer(notice: (line: string) => void, path = process.env['PATH'] ?? ''): string {
  const found = search(path) ?? install(notice);
  if (found) return found;
  const tried = isRootOnDebian() ? ' and apt-get did not install it' : '';
  throw new EmbeddedError('PROGRAM_MISSING', `The program nats-server (2.9 or newer) is not on this machine${tried}. ${howToInstall()}`);
}

function search(path: string): string | undefined {
  return [...path.split(delimiter), ...USUAL_PLACES]
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, 'nats-server'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function install(notice: (line: string) => void): string | undefined {
  if (!isRootOnDebian()) return undefined;
  notice('nats-server is missing: installing it with apt-get install -y nats-server');
  const command = ['install', '-y', '--no-install-recommends', 'nats-server'];
  if (!runApt(command)) {
    // A fresh image has no package lists yet.
    runApt(['update']);
    runApt(command);
  }
  return search(process.env['PATH'] ?? '');
}

function isRootOnDebian(): boolean {
  return process.getuid?.() === 0 && has('apt-get');
}

function has(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

function howToInstall(): string {
  const otherwise = 'or set CAIRN_NATS_URL to a running server with JetStream.';
  if (process.platform === 'darwin') return `Install it with \`brew install nats-server\`, ${otherwise}`;
  if (has('apt-get')) return `Install it with \`sudo apt-get install -y nats-server\`, ${otherwise}`;
  return `Install it with your package manager or \`go install github.com/nats-io/nats-server/v2@latest\`, ${otherwise}`;
}

/** e.g. `2.9.10`. */
export function natsServerVersion(file: string): string {
  return /v(\d+\.\d+\.\d+)/.exec(execFileSync(file, ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown';
}
