import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addSignatures, cosignature, cosignatureAt, generateKey, parseNote, parseSigner, signNote, type NoteSignature } from '@cairn/transparency';
import { filesOf, zipOf } from './zip-files.js';

/** 2026-01-02 03:04:05 UTC. */
const COSIGNED_AT_S = 1_767_323_045n;

/** A bundle, a policy, and the exit code on which every verifier must agree. */
export interface PolicyCase {
  readonly name: string;
  readonly bundle: string;
  readonly policy: string;
  readonly code: 0 | 1 | 2;
}

interface Witness {
  readonly verifierKey: string;
  cosign(note: string): NoteSignature;
}

/**
 * Writes copies of a bundle whose checkpoint is cosigned, rightly and wrongly, and policies that are met and not. `logKey` is the verifier key of the log. The names of files are
 * relative to the folder.
 */
export async function cosignedCopies(bundle: string, folder: string, logKey: string): Promise<PolicyCase[]> {
  const files = await filesOf(bundle);
  const note = (files.get('checkpoint') ?? Buffer.alloc(0)).toString('utf8');
  const [one, two, stranger] = [witness('witness.example/one'), witness('witness.example/two'), witness('witness.example/two')];
  const [byOne, byTwo] = [one.cosign(note), two.cosign(note)];

  const write = async (name: string, checkpoint: string): Promise<string> => {
    await zipOf(join(folder, name), new Map(files).set('checkpoint', Buffer.from(checkpoint)).set('policy', Buffer.from('quorum none\n')));
    return name;
  };
  const both = await write('cosigned-both.zip', addSignatures(note, [byOne, byTwo]));
  const onlyOne = await write('cosigned-one.zip', addSignatures(note, [byOne]));
  const flippedByte = await write('cosigned-flipped.zip', addSignatures(note, [byOne, flipped(byTwo, 40)]));
  const flippedTime = await write('cosigned-time.zip', addSignatures(note, [byOne, flipped(byTwo, 7)]));
  const lateTime = await write('cosigned-late.zip', addSignatures(note, [byOne, flipped(byTwo, 0, 0x80)]));
  const cutShort = await write('cosigned-short.zip', addSignatures(note, [byOne, { ...byTwo, signature: byTwo.signature.subarray(8) }]));
  const twice = await write('cosigned-twice.zip', addSignatures(note, [byOne, byTwo, flipped(byTwo, 40)]));
  const otherTree = await write('cosigned-other.zip', addSignatures(note, [byOne, two.cosign(note.replace(/\n\d+\n/, '\n7\n'))]));
  // The last character of a 76 byte signature has four bits that carry nothing.
  const otherBase64 = await write('cosigned-base64.zip', addSignatures(note, [byOne, byTwo]).replace(/(.)==\n$/, (_, last: string) => `${nextCharacter(last)}==\n`));
  const logAgain = await write('cosigned-log.zip', addSignatures(`${note}${signatureLine(flipped(firstOf(note), 5))}`, [byOne, byTwo]));

  const witnesses = `witness one ${one.verifierKey} https://one.example\nwitness two ${two.verifierKey}\n`;
  const all = `# both\nlog ${logKey}\n${witnesses}group both all one two\nquorum both\n`;
  const any = `${witnesses}\ngroup either 1 one two\nquorum either\n`;
  const nested = `${witnesses}witness three\t${stranger.verifierKey}\ngroup either any two three\ngroup all-of-them 2 one either\nquorum all-of-them\n`;
  const anotherKey = all.replace(two.verifierKey, stranger.verifierKey);
  const anotherLog = all.replace(logKey, generateKey('log.example/another').verifierKey);

  const cases: [string, string, string, PolicyCase['code']][] = [
    ['both cosigned, both are asked for', both, all, 0],
    ['both cosigned, one is asked for', both, any, 0],
    ['both cosigned, groups in groups', both, nested, 0],
    ['nobody is asked for', onlyOne, `log ${logKey}\nquorum none\n`, 0],
    ['one cosigned, one is asked for', onlyOne, any, 0],
    ['one cosigned, both are asked for', onlyOne, all, 1],
    ['one cosigned, one of another group is missing', onlyOne, nested, 1],
    ['a byte of a cosignature is flipped, both are asked for', flippedByte, all, 1],
    ['a byte of a cosignature is flipped, the other suffices', flippedByte, any, 0],
    ['the time of a cosignature is flipped', flippedTime, all, 1],
    ['the time of a cosignature is beyond what the format holds', lateTime, all, 1],
    ['a cosignature is cut short', cutShort, all, 1],
    ['a cosignature stands there twice, once wrong', twice, all, 1],
    ['a cosignature is of a tree of another size', otherTree, all, 1],
    ['a cosignature is not in canonical base64', otherBase64, all, 1],
    ['the log’s signature stands there twice, once wrong', logAgain, all, 1],
    ['the policy has another key of the same name', both, anotherKey, 1],
    ['the policy is of another log', both, anotherLog, 1],
    ['the policy has a key of a log as a witness', both, all.replace(two.verifierKey, logKey), 2],
    ['the policy has a key whose id is of another', both, all.replace(/two \S+\+[0-9a-f]{8}\+/, (found) => found.replace(/[0-9a-f]{8}/, '00000000')), 2],
    ['the policy counts a witness twice', both, all.replace('all one two', 'all one one'), 2],
    ['the policy has no quorum', both, witnesses, 2],
    ['the policy has a quorum that is not defined', both, `${witnesses}quorum three\n`, 2],
    ['the policy has two quorums', both, `${all}quorum one\n`, 2],
    ['the policy needs more than there are', both, any.replace('either 1', 'either 3'), 2],
    ['the policy has lines of another kind', both, `${all}trust me\n`, 2],
    ['the policy has a reserved name', both, any.replaceAll('either', 'any'), 2],
  ];
  return cases.map(([name, copy, text, code], at) => {
    const policy = `policy-${at}`;
    writeFileSync(join(folder, policy), text);
    return { name, bundle: copy, policy, code };
  });
}

function witness(name: string): Witness {
  const clock = cosignatureAt(() => COSIGNED_AT_S);
  const { signingKey, verifierKey } = generateKey(name, cosignature);
  const signer = parseSigner(signingKey, [clock]);
  return { verifierKey, cosign: (note) => firstOf(signNote(parseNote(note).text, [signer])) };
}

function firstOf(note: string): NoteSignature {
  const [signature] = parseNote(note).signatures;
  if (signature === undefined) throw new TypeError('a note has a signature');
  return signature;
}

function flipped(signature: NoteSignature, at: number, bits = 1): NoteSignature {
  return { ...signature, signature: signature.signature.map((byte, index) => (index === at ? byte ^ bits : byte)) };
}

function signatureLine({ name, keyId, signature }: NoteSignature): string {
  return `— ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`;
}

function nextCharacter(character: string): string {
  return String.fromCharCode(character.charCodeAt(0) + 1);
}
