import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkPolicy,
  formatWitnessRequest,
  generateKey,
  hashLeaf,
  MerkleTree,
  openCheckpoint,
  parsePolicy,
  parseSigner,
  parseVerifier,
  signCheckpoint,
  verifyReceipt,
} from '@cairn/transparency';
import { createDatabase, waitUntil, type TestDatabase } from '@cairn/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askedAbout, logSize, ORIGIN, published, tell, WitnessedLog } from '../../../test/witnessed-log.js';

describe('a log with a policy', () => {
  let database: TestDatabase;
  let log: WitnessedLog;
  beforeEach(async () => {
    database = await createDatabase();
    log = new WitnessedLog(database);
  });
  afterEach(async () => {
    await log.close();
    await database.drop();
  });

  const statesOf = (size: { cosigning: { witnesses: { name: string; state: string }[] } }): Record<string, string> =>
    Object.fromEntries(size.cosigning.witnesses.map(({ name, state }) => [name, state]));

  it('publishes with the cosignatures of the quorum, and receipts that verify offline by the policy', async () => {
    for (const name of ['one', 'two', 'three']) await log.startWitness(name);
    const policy = log.policyText('2');
    const lineage = await log.start(policy);
    await tell(lineage, 30);
    const note = await published(lineage, 30);
    const verdict = checkPolicy(note, parsePolicy(policy));
    expect(verdict).toMatchObject({ quorumMet: true, checkpoint: { origin: ORIGIN, size: 30n } });
    expect(verdict.cosigners.length).toBeGreaterThanOrEqual(2);
    expect(await logSize(lineage)).toMatchObject({ signed_size: '30', state: 'signing', cosigning: { quorum_met: true, size: '30' } });

    const { body: receipt } = await lineage.fetchJson('GET', '/lineage/v1/log/proof?position=17');
    const { events } = (await lineage.fetchJson('GET', '/lineage/v1/log/events?from=17&limit=1')).body;
    expect(verifyReceipt(receipt, { entry: events[0].body, policy: parsePolicy(policy) })).toMatchObject({ index: 17n });
  });

  it('tells auditors the policy, without what is for the operator', async () => {
    for (const name of ['one', 'two']) await log.startWitness(name);
    const policy = log.policyText('1');
    const named = await log.start(`# ask Ana before you change this\n${policy}\n  # the end`);
    await tell(named, 5);
    const { body } = await named.fetchJson('GET', '/lineage/v1/log/policy');
    expect(body).toBe(policy);
    expect(checkPolicy(await published(named, 5), parsePolicy(body))).toMatchObject({ quorumMet: true });
    await log.stop(named);
    const unnamed = await log.start(policy.replace(/^log .*\n/, ''));
    expect((await unnamed.fetchJson('GET', '/lineage/v1/log/policy')).body).toBe(policy);
  });

  it('needs no witness beyond the quorum: one is down, one lies, one never answers', async () => {
    for (const name of ['one', 'two', 'down']) await log.startWitness(name);
    await log.startLiar('liar');
    await log.startSilent('silent');
    const policy = log.policyText('2');
    await log.stopWitness('down');
    // So long that nothing of this spec could wait for it.
    const lineage = await log.start(policy, { CAIRN_LOG_WITNESS_TIMEOUT_MS: '60000' });
    for (const size of [5, 10, 15]) {
      await tell(lineage, 5);
      const { cosigners } = checkPolicy(await published(lineage, size), parsePolicy(policy));
      expect(cosigners.map(({ name }) => name)).toEqual(['one', 'two']);
    }
    expect(statesOf(await logSize(lineage))).toMatchObject({ one: 'cosigned', two: 'cosigned', silent: 'late' });
  });

  it('publishes nothing without the quorum, says why, and publishes once the witness is back', async () => {
    for (const name of ['one', 'two']) await log.startWitness(name);
    await log.startLiar('liar');
    const policy = log.policyText('2');
    const lineage = await log.start(policy, { CAIRN_LOG_WITNESS_TIMEOUT_MS: '500' });
    await tell(lineage, 5);
    const before = await published(lineage, 5);

    await log.stopWitness('two');
    await tell(lineage, 5);
    const size = await askedAbout(lineage, 10);
    expect(size).toMatchObject({ size: '10', tree_size: '10', signed_size: '5', state: 'signing', cosigning: { quorum_met: false } });
    expect(statesOf(size)).toEqual({ one: 'cosigned', two: 'unreachable', liar: 'bad_signature' });
    expect((await lineage.fetchJson('GET', '/checkpoint')).body).toBe(before);
    expect((await lineage.fetchJson('GET', '/lineage/v1/log/proof?position=7')).status).toBe(404);
    const { body: metrics } = await lineage.fetchJson('GET', '/metrics');
    expect(metrics).toMatch(/^cairn_log_quorum_missing(\{[^}]*\})? 1$/m);
    expect(metrics).toMatch(/^cairn_log_witness_state\{[^}]*witness="two",state="unreachable"[^}]*\} 1$/m);

    // Nothing is appended meanwhile: the checkpoint that waits is offered again.
    await log.startWitness('two');
    const note = await published(lineage, 10);
    expect(checkPolicy(note, parsePolicy(policy)).cosigners.map(({ name }) => name)).toEqual(['one', 'two']);
    expect((await lineage.fetchJson('GET', '/metrics')).body).toMatch(/^cairn_log_quorum_missing(\{[^}]*\})? 0$/m);
  });

  it('publishes nothing at first without the quorum', async () => {
    await log.startLiar('liar');
    const lineage = await log.start(log.policyText('all'));
    await tell(lineage, 5);
    await askedAbout(lineage, 5);
    expect(await lineage.fetchJson('GET', '/checkpoint')).toMatchObject({ status: 404, body: { code: 'NOTHING_SIGNED' } });
  });

  it('goes on after a restart from what each witness says that it saw last', async () => {
    for (const name of ['one', 'two']) await log.startWitness(name);
    const policy = log.policyText('1');
    const first = await log.start(policy);
    await tell(first, 5);
    await published(first, 5);
    await log.stop(first);
    await log.stopWitness('one');

    const second = await log.start(policy.replace('quorum-group 1', 'quorum-group all'), { CAIRN_LOG_WITNESS_TIMEOUT_MS: '500' });
    await tell(second, 300);
    expect(statesOf(await askedAbout(second, 305))).toMatchObject({ one: 'unreachable', two: 'cosigned' });
    await log.startWitness('one');
    expect(checkPolicy(await published(second, 305), parsePolicy(policy)).cosigners).toHaveLength(2);
  });

  it('serves the last public checkpoint when the database forgot it, and when it was rolled back', async () => {
    await log.startWitness('one');
    const policy = log.policyText('all');
    const first = await log.start(policy);
    await tell(first, 30);
    const note = await published(first, 30);
    await log.stop(first);
    await sql('UPDATE lineage.log_head SET signed_size = 0, note = NULL');
    const second = await log.start(policy);
    expect((await second.fetchJson('GET', '/checkpoint')).body).toBe(note);
    await waitUntil('the database has it again', async () => (await logSize(second)).state === 'signing');
    await log.stop(second);

    // The file of what was signed is lost too: what was published is remembered beside it.
    await rm(join(log.dataDir, 'lineage/signed-checkpoint'));
    await sql(`
      ALTER TABLE event_store.events DISABLE TRIGGER ALL; ALTER TABLE event_store.log_head DISABLE TRIGGER ALL;
      GRANT ALL ON event_store.events, event_store.log_head TO CURRENT_USER;
      DELETE FROM event_store.events WHERE position >= 20; UPDATE event_store.log_head SET size = 20;
      DELETE FROM lineage.log_tile; UPDATE lineage.log_head SET tree_size = 0, signed_size = 0, note = NULL;
      UPDATE lineage.projection_checkpoint SET position = 20;`);
    const third = await log.start(policy);
    const size = await waitUntil('it has refused', async () => {
      const answer = await logSize(third);
      return answer.state === 'refused' && answer;
    });
    expect(size).toMatchObject({ size: '20', signed_size: '30', refusal: { code: 'LOG_SHORTER' } });
    expect((await third.fetchJson('GET', '/checkpoint')).body).toBe(note);
    for (const path of ['proof?position=7', 'inclusion?position=7', 'consistency?from=7']) {
      expect(await third.fetchJson('GET', `/lineage/v1/log/${path}`), path).toMatchObject({ status: 503, body: { code: 'TREE_INCOMPLETE' } });
    }
  });

  it('is stopped by a witness that saw another history under the same key', async () => {
    await log.startWitness('one');
    const fork = new MerkleTree();
    fork.append(...Array.from({ length: 8 }, (_, at) => hashLeaf(`forged ${at}`)));
    const checkpoint = signCheckpoint({ origin: ORIGIN, size: 8n, root: fork.root() }, parseSigner(log.logKeys.signingKey));
    expect(await log.ask('one', formatWitnessRequest({ oldSize: 0n, proof: [], checkpoint }))).toBe(200);

    const lineage = await log.start(log.policyText('all'));
    await tell(lineage, 5);
    expect(statesOf(await askedAbout(lineage, 5))).toEqual({ one: 'ahead' });
    await tell(lineage, 3);
    expect(statesOf(await askedAbout(lineage, 8))).toEqual({ one: 'ahead' });
    await tell(lineage, 1);
    const { cosigning } = await askedAbout(lineage, 9);
    expect(cosigning.witnesses).toMatchObject([{ state: 'refused', detail: expect.stringContaining('422') }]);
    expect((await lineage.fetchJson('GET', '/checkpoint')).status).toBe(404);
  });

  it('takes up a log that had none: the checkpoint that is public is cosigned afterwards', async () => {
    const plain = await log.start();
    await tell(plain, 5);
    const bare = await published(plain, 5);
    await log.stop(plain);
    await log.startWitness('one');
    const policy = log.policyText('all');
    expect(checkPolicy(bare, parsePolicy(policy))).toMatchObject({ quorumMet: false });
    const witnessed = await log.start(policy);
    await waitUntil('it is cosigned', async () => checkPolicy((await witnessed.fetchJson('GET', '/checkpoint')).body, parsePolicy(policy)).quorumMet);
  });

  it('changes its key while it runs on: signed by both for a while, then by the next one', async () => {
    const next = generateKey(ORIGIN);
    await log.startWitness('one', next.verifierKey);
    const policy = log.policyText('all');
    const before = await log.start(policy);
    await tell(before, 5);
    await published(before, 5);
    await log.stop(before);

    const both = await log.start(policy, {}, `${log.logKeys.signingKey}\n${next.signingKey}\n`);
    await tell(both, 5);
    const note = await published(both, 10);
    for (const key of [log.logKeys, next]) expect(openCheckpoint(note, parseVerifier(key.verifierKey))).toMatchObject({ size: 10n });
    await log.stop(both);

    const changed = policy.replace(log.logKeys.verifierKey, next.verifierKey);
    const after = await log.start(changed, {}, `${next.signingKey}\n${log.logKeys.verifierKey}\n`);
    await tell(after, 5);
    expect(checkPolicy(await published(after, 15), parsePolicy(changed))).toMatchObject({ quorumMet: true });
    expect((await after.fetchJson('POST', '/lineage/v1/log/verify')).body).toMatchObject({ verified: true, size: '15' });
  });

  describe('does not start', () => {
    it.each([
      ['with a policy that can’t be read', (text: string) => `${text}quorum quorum-group\n`, 'there is one quorum only'],
      ['with a policy of other logs', (text: string) => text.replace(/^log .*\n/, 'log PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n'), 'not this one'],
      ['with a quorum that nobody can be asked for', (text: string) => text.replace(/ http\S+/, ''), 'too few of its witnesses have a URL'],
      ['with a witness at a place that is no web address', (text: string) => text.replace(/ http:/, ' ftp:'), 'does not begin with http'],
    ])('%s', async (_, change, message) => {
      await log.startWitness('one');
      await expect(log.start(change(log.policyText('all')))).rejects.toThrow(message);
    });

    it('without the file that was named', async () => {
      await expect(log.start(undefined, { CAIRN_LOG_POLICY_FILE: join(log.dataDir, 'nothing') })).rejects.toThrow('policy file of the transparency log is missing');
    });
  });

  async function sql(text: string): Promise<void> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(text);
    await client.end();
  }
});
