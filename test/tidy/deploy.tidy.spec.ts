import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { placements, type ServiceName } from '@cairn/service';
import { tempDir } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from './sources.js';

interface ComposedService {
  readonly build?: { readonly args: { readonly SERVICE: string; readonly MAIN?: string } };
  readonly environment: Readonly<Record<string, string>>;
}

interface Compose {
  readonly services: Readonly<Record<string, ComposedService>>;
}

const names = readdirSync(join(root, 'services'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name as ServiceName);
const compose = parse(readFileSync(join(root, 'deploy/compose.yaml'), 'utf8'), { merge: true }) as Compose;
const variable = (name: string, ending: string): string => `${name.toUpperCase().replaceAll('-', '_')}_${ending}`;

describe('compose.yaml', () => {
  it('runs every service from its own image, with its own token', () => {
    const built = Object.keys(compose.services).filter((name) => compose.services[name]?.build !== undefined && compose.services[name].build.args.MAIN === undefined);
    expect(built.sort()).toEqual([...names].sort());
    for (const name of names) {
      expect(compose.services[name]?.build?.args.SERVICE).toBe(name);
      expect(compose.services[name]?.environment['CAIRN_SERVICE_TOKEN']).toContain(variable(name, 'TOKEN'));
      expect(compose.services[name]?.environment).toHaveProperty('CAIRN_DATABASE_URL');
      expect(compose.services[name]?.environment).toHaveProperty('CAIRN_TOKENS_FILE');
    }
  });

  it('tells the gateway where each of them is', () => {
    for (const name of names.filter((other) => other !== 'gateway')) {
      expect(compose.services['gateway']?.environment[`CAIRN_${variable(name, 'URL')}`]).toBe(`http://${name}:${placements[name].defaultPort}`);
    }
  });
});

describe('replicas in compose.yaml', () => {
  it('run what the serving service has for them, under its token, and the gateway asks them', () => {
    const { build, environment } = compose.services['replica'] ?? {};
    expect(build?.args).toEqual({ SERVICE: 'serving', MAIN: 'replicas/process/main.js' });
    expect(existsSync(join(root, 'services/serving/src', (build?.args.MAIN ?? '').replace(/\.js$/, '.ts')))).toBe(true);
    expect(environment?.['CAIRN_SERVICE_TOKEN']).toContain('SERVING_TOKEN');
    expect(compose.services['gateway']?.environment['CAIRN_INFERENCE_URLS']).toBe('http://serving:5006,http://replica:5106');
  });
});

describe('tokens.mjs', () => {
  it('makes a token for every service and principal, and files that hold no token of a principal', () => {
    const folder = tempDir('deploy');
    mkdirSync(join(folder, 'deploy'));
    cpSync(join(root, 'deploy/tokens.mjs'), join(folder, 'deploy/tokens.mjs'));
    for (const name of names) mkdirSync(join(folder, 'services', name), { recursive: true });
    const printed = execFileSync(process.execPath, [join(folder, 'deploy/tokens.mjs'), 'ana'], { encoding: 'utf8' });
    const [principal, token = ''] = printed.trim().split(' ');
    const variables = readFileSync(join(folder, 'deploy/.env'), 'utf8');
    const hashes = readFileSync(join(folder, 'deploy/tokens'), 'utf8');
    expect(principal).toBe('ana');
    expect(variables + hashes).not.toContain(token);
    expect(hashes).toContain(`${createHash('sha256').update(token).digest('hex')} ana\n`);
    for (const name of names) expect(variables).toMatch(new RegExp(`^${variable(name, 'TOKEN')}=\\S{32}$`, 'm'));
    expect(() => execFileSync(process.execPath, [join(folder, 'deploy/tokens.mjs'), 'ana'], { stdio: 'pipe' })).toThrow('EEXIST');
  });
});
