import { beforeAll, describe, expect, it } from 'vitest';
import { signCheckpoint } from './checkpoint.js';
import { cosignature } from './cosignature.js';
import { hashLeaf } from './hash.js';
import { generateKey, parseSigner, parseVerifier } from './key.js';
import { MerkleTree } from './merkle-tree.js';
import { addSignatures, parseNote, signNote } from './note.js';
import { parsePolicy } from './policy-text.js';
import { formatReceipt, parseReceipt, verifyReceipt } from './receipt.js';

const ORIGIN = 'log.example/one';
const log = generateKey(ORIGIN);
const witnesses = ['one', 'two'].map((name) => generateKey(`${name}.example`, cosignature));
const tree = new MerkleTree();
tree.append(...Array.from({ length: 300 }, (_, at) => hashLeaf(`entry ${at}`)));
const note = signCheckpoint({ origin: ORIGIN, size: tree.size, root: tree.root() }, parseSigner(log.signingKey));
const signers = witnesses.map(({ signingKey }) => parseSigner(signingKey, [cosignature]));
const cosigned = addSignatures(note, parseNote(signNote(parseNote(note).text, signers)).signatures);
const policy = parsePolicy(`
log ${log.verifierKey}
witness one ${witnesses[0]!.verifierKey}
witness two ${witnesses[1]!.verifierKey}
group both all one two
quorum both`);
const logs = [parseVerifier(log.verifierKey)];

describe('a receipt', () => {
  let receipt: string;
  beforeAll(() => {
    receipt = formatReceipt({ index: 123n, proof: tree.inclusionProof(123n), checkpoint: cosigned });
  });

  it('has the form that C2SP tlog-proof shows', () => {
    expect(receipt.split('\n').slice(0, 2)).toEqual(['c2sp.org/tlog-proof@v1', 'index 123']);
    expect(receipt.endsWith(`\n\n${cosigned}`)).toBe(true);
    expect(parseReceipt(receipt)).toMatchObject({ index: 123n, checkpoint: cosigned });
    expect(formatReceipt(parseReceipt(receipt))).toBe(receipt);
    expect(formatReceipt({ index: 0n, proof: [], checkpoint: 'test checkpoint\n', extra: Buffer.from('extra information') })).toBe(
      'c2sp.org/tlog-proof@v1\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 0\n\ntest checkpoint\n',
    );
    expect(parseReceipt('c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 0\n\ncheckpoint\n')).toMatchObject({ extra: Buffer.from('extra') });
  });

  it('verifies with the key of the log, and with a policy', () => {
    expect(verifyReceipt(receipt, { entry: 'entry 123', logs })).toMatchObject({ index: 123n, checkpoint: { size: 300n }, cosigners: [] });
    expect(verifyReceipt(receipt, { entry: 'entry 123', policy }).cosigners.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  it('proves its own entry alone, at its own index', () => {
    expect(() => verifyReceipt(receipt, { entry: 'entry 124', logs })).toThrow(expect.objectContaining({ code: 'NOT_INCLUDED' }));
    expect(() => verifyReceipt(receipt.replace('index 123', 'index 122'), { entry: 'entry 123', logs })).toThrow('does not prove');
  });

  it('is worth nothing without a trusted log, or without the quorum', () => {
    const others = [parseVerifier(generateKey(ORIGIN).verifierKey)];
    expect(() => verifyReceipt(receipt, { entry: 'entry 123', logs: others })).toThrow(expect.objectContaining({ code: 'UNTRUSTED' }));
    expect(() => verifyReceipt(receipt, { entry: 'entry 123' })).toThrow(expect.objectContaining({ code: 'UNTRUSTED' }));
    const bare = formatReceipt({ index: 123n, proof: tree.inclusionProof(123n), checkpoint: note });
    expect(() => verifyReceipt(bare, { entry: 'entry 123', policy })).toThrow(expect.objectContaining({ code: 'NO_QUORUM' }));
  });

  it('fails for every character that is changed, but for lines that are not needed', () => {
    const bare = formatReceipt({ index: 123n, proof: tree.inclusionProof(123n), checkpoint: note });
    for (let at = 0; at < bare.length; at += 1) {
      const changed = `${bare.slice(0, at)}${bare[at] === 'x' ? 'y' : 'x'}${bare.slice(at + 1)}`;
      expect(() => verifyReceipt(changed, { entry: 'entry 123', logs }), `character ${at}`).toThrow();
    }
  });

  // The forms that transparency-dev/formats v0.1.1 refuses (proof/tlog_proof_test.go), and some of our own.
  it.each([
    ['another header', 'wrong-header\nindex 0\n\ncheckpoint\n'],
    ['extra data that is no base64', 'c2sp.org/tlog-proof@v1\nextra !!notbase64!!\nindex 0\n\ncheckpoint\n'],
    ['no index', 'c2sp.org/tlog-proof@v1\n\n\ncheckpoint\n'],
    ['an index that is no number', 'c2sp.org/tlog-proof@v1\nindex notanumber\n\ncheckpoint\n'],
    ['a negative index', 'c2sp.org/tlog-proof@v1\nindex -5\n\ncheckpoint\n'],
    ['a hash that is no base64', 'c2sp.org/tlog-proof@v1\nindex 0\n!!notbase64!!\n\ncheckpoint\n'],
    ['a hash of 64 bytes', `c2sp.org/tlog-proof@v1\nindex 0\n${Buffer.alloc(64).toString('base64')}\n\ncheckpoint\n`],
    ['a line without end', `c2sp.org/tlog-proof@v1\nindex 0\n${'a'.repeat(65 * 1024)}\n`],
    ['an index with a zero before it', 'c2sp.org/tlog-proof@v1\nindex 01\n\ncheckpoint\n'],
    ['64 hashes', `c2sp.org/tlog-proof@v1\nindex 0\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\ncheckpoint\n`],
    ['nothing', ''],
  ])('with %s is refused', (_, text) => {
    expect(() => parseReceipt(text)).toThrow('A receipt is');
  });
});
