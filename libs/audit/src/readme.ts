import type { Manifest } from './manifest.js';
import { NEVER_PROVED } from './statements.js';

/** `README.txt` of a bundle: for somebody who has this file and nothing else. Lines end in a newline and are at most 100 characters wide. */
export function readmeOf({ origin, from, to, size, created }: Manifest): string {
  return `AUDIT BUNDLE

This file holds the events at positions ${from} to ${to - 1n} of the log
  ${origin}
and what is needed to check, with no network and no server, that they are the ones the log
committed to. It was made at ${created}, when the log's signed checkpoint covered ${size} events.

WHAT IS IN IT

  bundle.json             what the bundle is of; nothing in it is trusted
  checkpoint              what the log signed: its name, its size, its root hash (C2SP tlog-checkpoint);
                          lines below the log's signature are cosignatures of witnesses, if there are any
  keys/log                the key that verifies the log's signature (C2SP signed-note)
  policy                  which witnesses the log asks to cosign (C2SP tlog-policy), if it has one
  earlier-checkpoints/    checkpoints that were signed before, by their sizes, if there are any
  tile/<level>/<number>   hashes of the Merkle tree (C2SP tlog-tiles, RFC 6962)
  tile/entries/<number>   the events, each behind its length (two bytes, big-endian)
  schemas/events.binpb    the definitions of the events (a protobuf FileDescriptorSet)

An event is the RFC 8785 canonical JSON of its envelope. Its hash, SHA-256(0x00 followed by the
exact bytes), is the leaf of the tree at the event's position.

HOW TO VERIFY IT

Get the log's key from somewhere else than this file: from whoever runs the log, from an earlier
bundle, from a witness. Without it a whole made-up log could be in here.

  cairn audit verify FILE --key KEY --policy POLICY         the cairn command
  python3 verify_bundle.py FILE --key KEY --policy POLICY   one Python file, with the package
                                                            cryptography
  verify-bundle -key KEY -policy POLICY FILE                a Go program, on golang.org/x/mod/sumdb

POLICY is a file that says which witnesses must have cosigned the checkpoint, and how many of
them. A running log tells its key and its policy (GET /lineage/v1/log/key and .../log/policy):
fetch them once, compare them with what reached you another way, and keep them. A policy that
comes from the log itself, or out of this file, proves nothing by itself: whoever makes up a log
can make up its witnesses too. Leave it out where the log has no witnesses.

The three were written independently of each other and are in the folder test/verifiers and in
libs/audit of Cairn's sources. Each ends with 0 when the bundle verifies, with 1 when it does not,
and with 2 when it could not be looked at.

WHAT A VERIFIED BUNDLE PROVES

  - The log signed the checkpoint.
  - The events are the ones that the log committed to at these positions: none was changed,
    removed, added or moved since the checkpoint was signed.
  - When the bundle begins at 0 and ends at the size: these are all events that the checkpoint
    covers, and the revisions of every stream follow from 0 without a gap.
  - The log only grew since each of the earlier checkpoints.
  - With a policy that you bring: the witnesses it asks for saw this log, and no other one of this
    name and size.

WHAT IT DOES NOT PROVE

${NEVER_PROVED.map((sentence) => wrapped(sentence)).join('\n')}
`;
}

const WIDTH = 92;

function wrapped(sentence: string): string {
  const lines: string[] = [];
  for (const word of sentence.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, at) => `${at === 0 ? '  - ' : '    '}${line}`).join('\n');
}
