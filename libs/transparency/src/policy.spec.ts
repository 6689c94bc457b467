import { describe, expect, it } from 'vitest';
import { signCheckpoint } from './checkpoint.js';
import { cosignature } from './cosignature.js';
import { emptyRoot } from './hash.js';
import { ed25519, generateKey, parseSigner, parseVerifier } from './key.js';
import { addSignatures, parseNote, signNote } from './note.js';
import { checkPolicy } from './policy.js';
import { parsePolicy } from './policy-text.js';
import { readVectors } from './testing/read-vectors.js';

const ORIGIN = 'log.example/one';
const log = generateKey(ORIGIN);
const keys = new Map(['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'].map((name) => [name, generateKey(`${name}.example`, cosignature)]));
const note = signCheckpoint({ origin: ORIGIN, size: 7n, root: emptyRoot }, parseSigner(log.signingKey));
const witnessLine = (name: string): string => `witness ${name} ${keys.get(name)?.verifierKey}\n`;

/** The example of the specification. */
const EXAMPLE = `
log ${log.verifierKey}

${witnessLine('X1')}${witnessLine('X2')}${witnessLine('X3')}
group X-witnesses 2 X1 X2 X3

${witnessLine('Y1')}${witnessLine('Y2')}${witnessLine('Y3')}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

function cosignedBy(...names: string[]): string {
  const signers = names.map((name) => parseSigner(keys.get(name)!.signingKey, [cosignature]));
  return addSignatures(note, parseNote(signNote(parseNote(note).text, signers)).signatures);
}

describe('a policy', () => {
  it.each([
    [['X1', 'X2', 'Y1'], true],
    [['X3', 'X1', 'Y3'], true],
    [['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'], true],
    [['X1', 'Y1', 'Y2', 'Y3'], false],
    [['X1', 'X2', 'X3'], false],
    [[], false],
  ])('of the example, with %j: %s', (names, quorumMet) => {
    const verdict = checkPolicy(names.length === 0 ? note : cosignedBy(...names), parsePolicy(EXAMPLE));
    expect(verdict).toMatchObject({ quorumMet, checkpoint: { origin: ORIGIN, size: 7n } });
    expect(verdict.cosigners.map(({ name }) => name)).toEqual([...names].sort());
  });

  it('counts no cosignature of another text, of another key, or twice', () => {
    const policy = parsePolicy(`${witnessLine('X1')}${witnessLine('X2')}group both 2 X1 X2\nquorum both`);
    const logs = [parseVerifier(log.verifierKey)];
    const other = signCheckpoint({ origin: ORIGIN, size: 8n, root: emptyRoot }, parseSigner(log.signingKey));
    const [, wrong] = parseNote(cosignedBy('X2')).signatures;
    const misplaced = addSignatures(other, [wrong!]);
    expect(checkPolicy(misplaced, policy, logs)).toMatchObject({ quorumMet: false, cosigners: [] });
    expect(checkPolicy(cosignedBy('X1', 'Y1'), policy, logs)).toMatchObject({ quorumMet: false });
    expect(checkPolicy(`${cosignedBy('X1')}${cosignedBy('X1').split('\n\n')[1]}`, policy, logs)).toMatchObject({ quorumMet: false });
    expect(checkPolicy(cosignedBy('X1', 'X2'), policy, logs)).toMatchObject({ quorumMet: true });
  });

  it('is not spoilt by a line that somebody added: a lying cosignature counts for nothing', () => {
    const [, good] = parseNote(cosignedBy('X2')).signatures;
    const lying = { ...good!, signature: Buffer.from(good!.signature).fill(7, 9) };
    const policy = parsePolicy(`${witnessLine('X1')}${witnessLine('X2')}group one any X1 X2\nquorum one`);
    const verdict = checkPolicy(addSignatures(cosignedBy('X1'), [lying]), policy, [parseVerifier(log.verifierKey)]);
    expect(verdict).toMatchObject({ quorumMet: true, cosigners: [{ name: 'X1' }] });
  });

  it('takes checkpoints of its logs alone', () => {
    const stranger = generateKey('log.example/other');
    const foreign = signCheckpoint({ origin: 'log.example/other', size: 7n, root: emptyRoot }, parseSigner(stranger.signingKey));
    expect(() => checkPolicy(foreign, parsePolicy(`log ${log.verifierKey}\nquorum none`))).toThrow('no signature of a known key');
    expect(checkPolicy(note, parsePolicy(`log ${log.verifierKey}\nquorum none`))).toMatchObject({ quorumMet: true });
    // A log that signs in the name of another one: the key is known, the origin is not its own.
    const posing = signNote(parseNote(foreign).text, [parseSigner(log.signingKey)]);
    expect(() => checkPolicy(posing, parsePolicy(`log ${log.verifierKey}\nquorum none`))).toThrow('No key of log.example/other');
  });

  it('keeps the places of logs and witnesses', () => {
    const policy = parsePolicy(`log ${log.verifierKey} https://log.example/\n\twitness\tW  ${keys.get('X1')?.verifierKey}  https://w.example/x \n # quorum none\nquorum W`);
    expect(policy.logs[0]).toMatchObject({ url: 'https://log.example/', verifierKey: log.verifierKey });
    expect(policy.witnesses[0]).toMatchObject({ name: 'W', url: 'https://w.example/x' });
  });
});

describe('the text of a policy', () => {
  const lines = `${witnessLine('X1')}${witnessLine('X2')}`;
  it.each([
    ['no quorum', lines, 'has a line `quorum'],
    ['two quorums', `${lines}quorum X1\nquorum X2`, 'Line 4 of the policy: there is one quorum'],
    ['a quorum that comes later', `quorum X1\n${lines}`, 'not defined on a line before'],
    ['a group of later names', `${witnessLine('X1')}group g any X1 X2\n${witnessLine('X2')}quorum g`, 'X2 is not defined'],
    ['a group without members', `${lines}group g any\nquorum g`, 'a group is'],
    ['a group that needs more than it has', `${lines}group g 3 X1 X2\nquorum g`, 'from 1 to 2'],
    ['a group that needs none', `${lines}group g 0 X1 X2\nquorum g`, 'from 1 to 2'],
    ['a threshold with a zero before it', `${lines}group g 01 X1 X2\nquorum g`, 'from 1 to 2'],
    ['a member of two groups', `${lines}group g any X1\ngroup h any X1 X2\nquorum h`, 'counts once'],
    ['a member twice', `${lines}group g 2 X1 X1\nquorum g`, 'counts once'],
    ['none as a member', `${lines}group g any none\nquorum g`, 'none is not defined'],
    ['a name defined twice', `${lines}group X1 any X2\nquorum X1`, 'defined twice'],
    ['a key under two names', `${witnessLine('X1')}witness other ${keys.get('X1')?.verifierKey}\nquorum X1`, 'public key is listed twice'],
    ['a log twice', `log ${log.verifierKey}\nlog ${log.verifierKey}\nquorum none`, 'public key is listed twice'],
    ['a log with the key of a witness', `log ${keys.get('X1')?.verifierKey}\nquorum none`, 'verifier key'],
    ['a witness with the key of a log', `witness W ${generateKey('w', ed25519).verifierKey}\nquorum W`, 'verifier key'],
    ['a comment behind a line', `${lines}quorum X1 # all is well`, 'a quorum is'],
    ['another keyword', `${lines}quorum X1\nmonitor M`, 'not with monitor'],
    ['a control character', `${lines}quorum X1\r\n`, 'control characters'],
  ])('with %s is refused', (_, text, message) => {
    expect(() => parsePolicy(text)).toThrow(message);
  });

  it.each((readVectors('policies') as { refused: { name: string; policy: string }[] }).refused)(
    'of transparency-dev/formats that it refuses is refused: $name',
    ({ policy }) => {
      expect(() => parsePolicy(policy)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
    },
  );

  it('takes 32 of each kind', () => {
    const names = Array.from({ length: 32 }, (_, at) => `w${at}`);
    const witnesses = names.map((name) => `witness ${name} ${generateKey(name, cosignature).verifierKey}`);
    const logs = names.map((name) => `log ${generateKey(name).verifierKey}`);
    const groups = names.map((name, at) => (at === 0 ? `group g0 all ${name}` : `group g${at} all g${at - 1} ${name}`));
    const policy = parsePolicy([...logs, ...witnesses, ...groups, 'quorum g31'].join('\n'));
    expect(policy).toMatchObject({ logs: { length: 32 }, witnesses: { length: 32 } });
  });
});
