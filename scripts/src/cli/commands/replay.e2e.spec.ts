import { createDatabase, startTestService, type TestDatabase, type TestService } from '@cairn/testing';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadService } from '../../stack/services.js';
import { register } from './replay.js';
import { addSettings } from '../settings.js';

/** Registry, lineage and a gateway before them, on one database; the command asks the gateway. */
describe('cairn replay', () => {
  let database: TestDatabase;
  let registry: TestService;
  let lineage: TestService;
  let gateway: TestService;
  let modelId: string;
  beforeEach(async () => {
    database = await createDatabase();
    registry = await startTestService(await loadService('model-registry'), { database });
    lineage = await startTestService(await loadService('lineage'), { database, config: { gatewayUrl: registry.url } });
    gateway = await startTestService(await loadService('gateway'), { settings: { CAIRN_MODEL_REGISTRY_URL: registry.url, CAIRN_LINEAGE_URL: lineage.url } });
    modelId = (await registry.fetchJson('POST', '/registry/v1/models', { name: 'flight-delay' })).body.model_id;
    await registry.fetchJson('POST', '/registry/v1/models', { name: 'another' });
  });
  afterEach(async () => {
    process.exitCode = 0;
    for (const service of [gateway, lineage, registry]) await service.close();
    await database.drop();
  });

  async function run(...args: string[]): Promise<{ exitCode: unknown; out: string; err: string }> {
    const program = addSettings(new Command('cairn'));
    register(program);
    const [out, err] = [[] as string[], [] as string[]];
    const [stdout, stderr] = [process.stdout.write, process.stderr.write];
    process.stdout.write = ((text: string) => out.push(text) > 0) as typeof process.stdout.write;
    process.stderr.write = ((text: string) => err.push(text) > 0) as typeof process.stderr.write;
    try {
      await program.parseAsync(['replay', '--url', gateway.url, ...args], { from: 'user' });
    } finally {
      process.stdout.write = stdout;
      process.stderr.write = stderr;
    }
    return { exitCode: process.exitCode, out: out.join(''), err: err.join('') };
  }
  const tamper = () => registry.running.parts.stateful!.dataSource.query(`UPDATE model SET name = 'smuggled' WHERE name = 'flight-delay'`);
  const REGISTRY = ['--service', 'model-registry'];

  it('says that the live tables are what the log says', async () => {
    const verdict = /^model-registry, as of position \d+: the live tables are what the log says \(\d+ tables, \d+ rows\)\n$/;
    expect(await run(...REGISTRY)).toMatchObject({ exitCode: 0, out: expect.stringMatching(verdict) });
    const both = await run(...REGISTRY, '--service', 'lineage', '--json');
    expect(both.out.trim().split('\n').map((line) => JSON.parse(line))).toMatchObject([
      { service: 'model-registry', compared: true, identical: true },
      { service: 'lineage', compared: true, identical: true },
    ]);
  });

  it('names what somebody changed: table, key, column, and the event that last wrote the row', async () => {
    await tamper();
    const { exitCode, out } = await run(...REGISTRY);
    expect(exitCode).toBe(1);
    expect(out).toContain('DIFFERS from the live tables');
    expect(out).toContain(`name is "smuggled", but the log says "flight-delay"; last written by cairn.registry.v1.RegisteredModelCreated at position`);
    expect(out).toContain(modelId);
  });

  it('goes to a position or to a time', async () => {
    const [first] = (await registry.store.readAll(0n)).events;
    const atPosition = await run(...REGISTRY, '--to', '0');
    expect(atPosition).toMatchObject({ exitCode: 0, out: expect.stringContaining('as of position 0: replayed; the live tables show another moment') });
    const both = await run(...REGISTRY, '--service', 'lineage', '--to', first!.time, '--json');
    const positions = both.out.trim().split('\n').map((line) => JSON.parse(line).position);
    expect(new Set(positions).size).toBe(1);
  });

  it('compares with the digests that were recorded', async () => {
    const record = () => gateway.fetchJson('POST', '/lineage/v1/read-model-digests', { services: ['model-registry'] });
    expect(await run(...REGISTRY, '--recorded')).toMatchObject({ exitCode: 2, err: expect.stringContaining('No digests of it are in the log') });
    await record();
    expect(await run(...REGISTRY, '--recorded')).toMatchObject({ exitCode: 0, out: expect.stringContaining('the rows are as the log recorded') });
    await tamper();
    await record();
    expect(await run(...REGISTRY, '--recorded')).toMatchObject({ exitCode: 1, out: expect.stringContaining('DIFFERS from what was recorded: model') });
  });

  it('goes on when one service does not answer, and says so', async () => {
    const { exitCode, out, err } = await run('--service', 'serving', ...REGISTRY);
    expect({ exitCode, err }).toMatchObject({ exitCode: 2, err: expect.stringContaining('serving: /serving/v1/admin/replay answered 503') });
    expect(out).toContain('model-registry');
  });

  it.each([
    [['--to', 'yesterday'], /--to is a position/],
    [['--to', '3', '--recorded'], /Give --to or --recorded/],
    [['--service', 'gateway'], /No service with tables is called gateway/],
  ])('takes no %j', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });
});
