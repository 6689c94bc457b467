import { spawnSync } from 'node:child_process';

/**
 * Runs apt-get without questions; false when it is not there or did not succeed. Waits for up to 300 s where somebody else installs something: several suites may find
 * the same thing missing at once, and the later ones find nothing left to do.
 */
export function runApt(args: readonly string[], directory?: string): boolean {
  const tried = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    // What goes wrong is for the person at the terminal; standard output belongs to the command that needs what is fetched.
    stdio: ['ignore', 'ignore', 2],
    ...(directory !== undefined && { cwd: directory }),
  });
  return tried.status === 0;
}
