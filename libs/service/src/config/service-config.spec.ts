import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import { ConfigError, EnvReader, type Environment } from './env-reader.js';
import { readServiceConfig } from './service-config.js';

const needed = { CAIRN_DATABASE_URL: 'postgres://user:secret@db/cairn' };

function read(environment: Environment) {
  const env = new EnvReader(environment);
  const config = readServiceConfig('data-catalog', env, environment);
  env.done();
  return config;
}

function problems(environment: Environment): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function tokensFile(text: string): string {
  const path = join(tempDir('tokens'), 'tokens');
  writeFileSync(path, text);
  return path;
}

describe('service configuration', () => {
  it('has a default for everything but the database', () => {
    const config = read(needed);
    expect(config).toMatchObject({ host: '127.0.0.1', port: 5001, gatewayUrl: 'http://127.0.0.1:5000', logLevel: 'info' });
    expect(config.natsUrl).toBeUndefined();
    expect(config.auth).toBeUndefined();
    expect(config.objectStoreUrl).toMatch(/^file:\/\/\/.*\/\.cairn\/objects$/);
    expect(problems({})).toEqual(['CAIRN_DATABASE_URL is missing; it is a URL that begins with postgres:// or postgresql://.']);
  });

  it('lists all problems at once and repeats no password', () => {
    const found = problems({ CAIRN_DATABASE_URL: 'mysql://user:secret@db', CAIRN_PORT: 'many', CAIRN_LOG_LEVEL: 'loud', CAIRN_NATS_URL: 'http://nats' });
    expect(found).toHaveLength(4);
    expect(found.join()).not.toContain('secret');
  });

  it('takes an S3 URL for the object store', () => {
    expect(read({ ...needed, CAIRN_S3_URL: 's3://key:secret@host:9000/bucket' }).objectStoreUrl).toBe('s3://key:secret@host:9000/bucket');
  });

  it('binds beyond this machine only with tokens', () => {
    expect(problems({ ...needed, CAIRN_HOST: '0.0.0.0' })).toEqual([expect.stringContaining('CAIRN_TOKENS_FILE')]);
    expect(problems({ ...needed, CAIRN_HOST: '::1' })).toEqual([]);
    const path = tokensFile(`# who may come in\n${'a'.repeat(64)} ana  # the first\n`);
    const config = read({ ...needed, CAIRN_HOST: '0.0.0.0', CAIRN_TOKENS_FILE: path });
    expect(config.auth?.tokens).toEqual(new Map([['a'.repeat(64), 'ana']]));
  });

  it('refuses a tokens file that would let nobody or the wrong ones in', () => {
    expect(problems({ ...needed, CAIRN_TOKENS_FILE: '/nowhere' })).toEqual([expect.stringContaining("can't be read")]);
    expect(problems({ ...needed, CAIRN_TOKENS_FILE: tokensFile('# none\n') })).toEqual([expect.stringContaining('names no token')]);
    expect(problems({ ...needed, CAIRN_TOKENS_FILE: tokensFile(`plain-text-token ana\n${'a'.repeat(64)} ana\n${'A'.repeat(64)} bob\n`) })).toEqual([
      expect.stringContaining('line 1 is not'),
      expect.stringContaining('line 3 repeats'),
    ]);
  });
});
