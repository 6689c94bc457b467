#!/usr/bin/env python3
"""Verifies an audit bundle of Cairn with Python's standard library and the package `cryptography`.

    python3 verify_bundle.py FILE [--key KEY|FILE] [--checkpoint FILE] [--policy FILE]

One file, to be read from top to bottom. It shares no code with Cairn; what it checks is defined by RFC 6962 (the tree), RFC 8785 (canonical JSON), and C2SP's signed-note,
tlog-checkpoint, tlog-tiles, tlog-cosignature and tlog-policy (https://c2sp.org). Python 3.9 or newer.

Exit code 0: the bundle verifies. 1: it does not. 2: it could not be looked at (no such file, a key that is none).
"""

import argparse
import base64
import binascii
import datetime
import hashlib
import json
import math
import os
import re
import sys
import zipfile

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    print("The Python package `cryptography` is missing: apt-get install python3-cryptography, or pip install cryptography.", file=sys.stderr)
    sys.exit(2)

NEVER_PROVED = [
    "That an event was true when it was written.",
    "That nothing happened which was never submitted to the log.",
    "When something happened by the clock on the wall: times in events are what the writer's clock said; only a cosignature bounds them, by its own time.",
    "That the log is, was or will be available.",
    "That schemas/events.binpb is what the writers used: the log does not commit to it.",
]


class Refused(Exception):
    """The bundle is bad. The first reason is the one that is told."""


class Impossible(Exception):
    """The question can not be answered: exit code 2."""


# ---------------------------------------------------------------------------------------------------------------------------------------------------
# Hashes (RFC 6962, section 2.1)

HASH_BYTES = 32


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes):
    """One hash of 2^k hashes that lie side by side."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


# ---------------------------------------------------------------------------------------------------------------------------------------------------
# Keys, notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature)

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_SIGNATURES = 100


def base64_bytes(text):
    """The bytes of canonical base64, or None."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == text else None


class Key:
    """`<name>+<id, 8 hex digits>+<base64 of one byte for the type and the public key>`; the id is SHA-256(name, newline, type, public key), its first four bytes."""

    def __init__(self, text, expected_type):
        match = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+(\S+)", text.strip())
        material = base64_bytes(match.group(3)) if match else None
        if not match or material is None or len(material) != 1 + 32 or material[0] != expected_type:
            raise ValueError("this is no verifier key of the expected kind: " + text.strip()[:100])
        self.text = text.strip()
        self.name, self.type, self.public = match.group(1), material[0], material[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + material).digest()[:4]
        if self.id.hex() != match.group(2):
            raise ValueError("the id of the key does not belong to it: " + self.text[:100])

    def verify(self, signature, text):
        """The time of a cosignature in seconds since 1970, or 0 for a log's signature. Raises InvalidSignature."""
        time = 0
        if self.type == COSIGNATURE:
            if len(signature) != 8 + 64:
                raise InvalidSignature
            time = int.from_bytes(signature[:8], "big")
            if time >= 1 << 63:
                raise InvalidSignature
            signature, text = signature[8:], b"cosignature/v1\ntime %d\n" % time + text
        Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        return time


def parse_note(note):
    """The signed text and [(name, key id, signature)]. Raises ValueError."""
    text, separator, lines = note.decode("utf-8").rpartition("\n\n")
    if not separator or not lines.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", text) or lines.count("\n") > MAX_SIGNATURES:
        raise ValueError("a note is text, an empty line, and a line per signature")
    signatures = []
    for line in lines[:-1].split("\n"):
        match = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
        payload = base64_bytes(match.group(2)) if match else None
        if payload is None or len(payload) <= 4:
            raise ValueError("a line of signature is malformed")
        signatures.append((match.group(1), payload[:4], payload[4:]))
    return (text + "\n").encode("utf-8"), signatures


def signed_by(note, key):
    """The time of the key's signature (0 for a log's), or None when it did not sign. Raises ValueError when a signature in its name is wrong."""
    text, signatures = parse_note(note)
    found = None
    for name, key_id, signature in signatures:
        if name == key.name and key_id == key.id:
            try:
                found = key.verify(signature, text)
            except InvalidSignature:
                raise ValueError("the signature of %s does not verify" % key.name) from None
    return found


def open_checkpoint(note, key):
    """(size, root) of a checkpoint that the log signed. Raises ValueError."""
    if signed_by(note, key) is None:
        raise ValueError("the log's key did not sign it")
    origin, size, root, *_ = parse_note(note)[0].decode("utf-8").split("\n")
    root_hash = base64_bytes(root)
    if origin != key.name or not re.fullmatch(r"0|[1-9][0-9]*", size) or root_hash is None or len(root_hash) != HASH_BYTES:
        raise ValueError("it is no checkpoint of %s" % key.name)
    return int(size), root_hash


# ---------------------------------------------------------------------------------------------------------------------------------------------------
# The policy: which witnesses must have cosigned (C2SP tlog-policy)


MAX_POLICY_LINES = 1000


class Policy:
    """Lines `log <key> [<url>]`, `witness <name> <key> [<url>]`, `group <name> <k|all|any> <name>...` and one `quorum <name|none>`. Raises ValueError."""

    def __init__(self, text):
        self.logs, self.witnesses, self.quorum = [], {}, None
        self.members = {}  # name -> None for a witness, (k, [names]) for a group
        self.grouped = set()
        lines = text.split("\n")
        if len(lines) > MAX_POLICY_LINES:
            raise ValueError("it has more than %d lines" % MAX_POLICY_LINES)
        for line in lines:
            if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line) or not self.read(*re.split(r"[ \t]+", line.strip(" \t"))):
                raise ValueError("this is no line of a policy, or not after the ones before: %r" % line)
        if self.quorum is None:
            raise ValueError("it has no quorum line")

    def read(self, kind, *items):
        """Whether this is a line that may stand here."""
        if kind == "" or kind.startswith("#"):
            return True
        if kind == "log" and len(items) in (1, 2):
            self.logs.append(Key(items[0], ED25519))
            return len({log.public for log in self.logs}) == len(self.logs)
        if kind == "witness" and len(items) in (2, 3) and self.is_new(items[0]):
            self.members[items[0]] = None
            self.witnesses[items[0]] = Key(items[1], COSIGNATURE)
            return len({witness.public for witness in self.witnesses.values()}) == len(self.witnesses)
        if kind == "group" and len(items) >= 3 and self.is_new(items[0]):
            name, threshold, *parts = items
            needed = {"all": len(parts), "any": 1}.get(threshold) or (int(threshold) if re.fullmatch(r"[1-9][0-9]{0,3}", threshold) else 0)
            if not 1 <= needed <= len(parts) or len(set(parts)) < len(parts) or any(part not in self.members or part in self.grouped for part in parts):
                return False
            self.grouped.update(parts)
            self.members[name] = (needed, parts)
            return True
        if kind == "quorum" and len(items) == 1 and self.quorum is None and (items[0] == "none" or items[0] in self.members):
            self.quorum = items[0]
            return True
        return False

    def is_new(self, name):
        return name not in self.members and name not in ("none", "all", "any")

    def is_met(self, name, cosigned_at):
        if self.members[name] is None:
            return name in cosigned_at
        needed, parts = self.members[name]
        return sum(self.is_met(part, cosigned_at) for part in parts) >= needed

    def check(self, note, origin):
        """A sentence on who cosigned a checkpoint that the log's key signed. Raises Refused."""
        try:
            signed = [log.name for log in self.logs if signed_by(note, log) is not None]
        except ValueError:
            signed = []
        if self.logs and origin not in signed:
            raise Refused("None of the logs of the policy signed the checkpoint.")
        cosigned_at = {}
        for name, key in self.witnesses.items():
            try:
                time = signed_by(note, key)
            except ValueError:
                continue  # Anybody may add lines to a note: a wrong one counts for nothing.
            if time is not None:
                cosigned_at[name] = time
        if self.quorum == "none":
            return "The policy asks for no cosignatures."
        if not self.is_met(self.quorum, cosigned_at):
            raise Refused("The checkpoint lacks the quorum of cosignatures that the policy asks for (%s)." % self.quorum)
        when = lambda time: datetime.datetime.fromtimestamp(time, datetime.timezone.utc).isoformat() if time < 253402300800 else "%d s" % time
        return "The quorum of the policy (%s) cosigned the checkpoint: %s." % (self.quorum, ", ".join("%s at %s" % (name, when(time)) for name, time in cosigned_at.items()))


# ---------------------------------------------------------------------------------------------------------------------------------------------------
# Tiles (C2SP tlog-tiles): tile n of level l holds the hashes n*256 … n*256+255 of subtrees of 256^l leaves

TILE_WIDTH = 256


def tile_width(level, index, size):
    """How many hashes the tile has in a tree of this size; 0 when it is not there."""
    return max(0, min(TILE_WIDTH, (size >> (8 * level)) - index * TILE_WIDTH))


def tile_name(level, index, size):
    digits = str(index)
    groups = re.findall("...", digits.zfill(-(-len(digits) // 3) * 3))
    width = tile_width(0 if level == "entries" else level, index, size)
    return "tile/%s/%s%s" % (level, "/".join(["x" + group for group in groups[:-1]] + groups[-1:]), "" if width == TILE_WIDTH else ".p/%d" % width)


def levels_of(size):
    return [level for level in range(8) if size >> (8 * level) > 0]


def tiles_in_range(manifest):
    return range(manifest["from"] // TILE_WIDTH, (manifest["to"] - 1) // TILE_WIDTH + 1)


def hash_tiles(manifest, earlier_sizes):
    """The tiles that a bundle holds: all above the leaves; of the leaves those of the range, the last one while it is partial, and those in which an earlier tree ends."""
    size = manifest["size"]
    leaf_tiles = set(tiles_in_range(manifest)) | {end // TILE_WIDTH for end in [size, *earlier_sizes] if end <= size and end % TILE_WIDTH != 0}
    for level in levels_of(size):
        indexes = sorted(leaf_tiles) if level == 0 else range(-(-(size >> (8 * level)) // TILE_WIDTH))
        for index in indexes:
            yield level, index


def file_names(manifest, earlier_sizes):
    """Every file that must be there, with the most bytes that it can have."""
    size = manifest["size"]
    expected = {"README.txt": 65536, "bundle.json": 65536, "checkpoint": 65536, "keys/log": 65536, "schemas/events.binpb": 1 << 26}
    for earlier in earlier_sizes:
        expected["earlier-checkpoints/%d" % earlier] = 65536
    for level, index in hash_tiles(manifest, earlier_sizes):
        expected[tile_name(level, index, size)] = tile_width(level, index, size) * HASH_BYTES
    for index in tiles_in_range(manifest):
        expected[tile_name("entries", index, size)] = tile_width(0, index, size) * (2 + 65535)
    return expected


class Tiles:
    """Every tile is compared with the root before it is used: the partial ones at the right edge make the root, every full one has its hash in the level above."""

    def __init__(self, bundle, size, root):
        self.bundle, self.size, self.known = bundle, size, {}
        for level in levels_of(size):
            index = (size >> (8 * level)) // TILE_WIDTH
            if tile_width(level, index, size) > 0:
                self.known[level, index] = self.read(level, index)
        if self.root_at(size) != root:
            raise Refused("The tiles at the end of the tree do not make the root that was signed.")

    def read(self, level, index):
        name, width = tile_name(level, index, self.size), tile_width(level, index, self.size)
        content = self.bundle.read(name)
        if len(content) != width * HASH_BYTES:
            raise Refused("%s does not have the %d hashes that its name says." % (name, width))
        return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]

    def tile(self, level, index):
        if (level, index) not in self.known:
            hashes = self.read(level, index)
            if fold(hashes) != self.tile(level + 1, index // TILE_WIDTH)[index % TILE_WIDTH]:
                first = index * TILE_WIDTH ** (level + 1)
                where = "positions %d to %d" % (first, first + TILE_WIDTH ** (level + 1) - 1)
                raise Refused("%s does not hash up to the root that was signed. It is over %s." % (tile_name(level, index, self.size), where))
            if level == 0:
                return hashes
            self.known[level, index] = hashes
        return self.known[level, index]

    def root_at(self, size):
        """Root of the tree over the first `size` leaves: its complete subtrees from the largest to the smallest, put together from the right."""
        subtrees, at = [], 0
        while at < size:
            height = (size - at).bit_length() - 1
            level, first = height // 8, at >> (8 * (height // 8))
            hashes, offset = self.tile(level, first // TILE_WIDTH), first % TILE_WIDTH
            subtrees.append(fold(hashes[offset : offset + (1 << (height % 8))]))
            at += 1 << height
        if not subtrees:
            return hashlib.sha256(b"").digest()
        root = subtrees.pop()
        while subtrees:
            root = node_hash(subtrees.pop(), root)
        return root


# ---------------------------------------------------------------------------------------------------------------------------------------------------
# Events: canonical JSON (RFC 8785) of an envelope


def canonical_number(number):
    """As ECMAScript writes it (ECMA-262, Number::toString): the shortest digits that give the same double."""
    if number == 0:
        return "0"
    if not math.isfinite(number):
        raise ValueError("JSON has no such number")
    sign, (mantissa, _, exponent) = "-" if number < 0 else "", repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    if 0 < point <= 21:
        return sign + (digits.ljust(point, "0") if len(digits) <= point else digits[:point] + "." + digits[point:])
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    return sign + digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + "e%+d" % (point - 1)


def canonical(value):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float):
        return canonical_number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    ordered = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in ordered) + "}"


def reject(constant):
    raise ValueError(constant)


def read_envelope(entry):
    """(stream, revision) of an entry. Raises ValueError."""
    try:
        envelope = json.loads(entry.decode("utf-8"), parse_int=float, parse_float=float, parse_constant=reject)
        if canonical(envelope).encode("utf-8") != entry:  # a lone surrogate has no UTF-8
            raise ValueError
    except (ValueError, RecursionError):
        raise ValueError("it is not canonical JSON") from None
    texts = ("actor", "correlationid", "id", "source", "subject", "time", "type", "workspace", "revision")
    is_event = isinstance(envelope, dict) and all(isinstance(envelope.get(name), str) for name in texts)
    if not is_event or envelope.get("specversion") != "1.0" or not isinstance(envelope.get("data"), dict) or not re.fullmatch(r"0|[1-9][0-9]{0,18}", envelope["revision"]):
        raise ValueError("it is not the envelope of an event")
    return envelope["subject"], int(envelope["revision"])


# ---------------------------------------------------------------------------------------------------------------------------------------------------
# The bundle: a ZIP file in which every name is known before it is read

MAX_FILES = 262144


class Bundle:
    def __init__(self, path):
        try:
            self.zip, zip_bytes = zipfile.ZipFile(path), os.path.getsize(path)
        except OSError as error:
            raise Impossible("The file can not be read: %s." % error) from error
        except Exception as error:
            raise Refused("The file is no ZIP file, or was cut (%s)." % error) from error
        infos = self.zip.infolist()
        self.infos = {info.filename: info for info in infos}
        if len(infos) > MAX_FILES:
            raise Refused("The file holds %d files; a bundle has at most %d." % (len(infos), MAX_FILES))
        for info in infos:
            if self.infos[info.filename] is not info:
                raise Refused("The file %s is there twice." % info.filename)
            if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Refused("The file %s is neither stored nor deflated." % info.filename)
        if sum(info.compress_size for info in infos) > zip_bytes:
            raise Refused("The files together are larger than the ZIP file: some of them overlap.")

    def read(self, name, max_bytes=1 << 26):
        """zipfile gives no more than the size that the ZIP states, and checks the checksum."""
        if name not in self.infos:
            raise Refused("The file %s is missing." % name)
        if self.infos[name].file_size > max_bytes:
            raise Refused("The file %s is larger than it can be." % name)
        try:
            return self.zip.read(name)
        except Exception as error:
            raise Refused("The file %s can not be read (%s)." % (name, error)) from error

    def earlier_sizes(self):
        return sorted(int(name[20:]) for name in self.infos if re.fullmatch(r"earlier-checkpoints/(0|[1-9][0-9]{0,18})", name))


def read_manifest(bundle):
    try:
        fields = json.loads(bundle.read("bundle.json", 65536).decode("utf-8"))
        numbers = {name: int(fields[name]) for name in ("from", "to", "size") if re.fullmatch(r"0|[1-9][0-9]{0,18}", fields[name])}
        if fields["format"] != "cairn-audit/1" or not 0 <= numbers["from"] < numbers["to"] <= numbers["size"]:
            raise ValueError
        return {**numbers, "origin": fields["origin"]}
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("bundle.json is no description of a bundle that this verifier knows.") from error


def check_names(bundle, manifest):
    start, end, size = manifest["from"], manifest["to"], manifest["size"]
    if 2 * (end - start) // TILE_WIDTH + size // TILE_WIDTH**2 > MAX_FILES:
        raise Refused("A bundle of this range would have too many files.")
    expected = file_names(manifest, bundle.earlier_sizes())
    for name, info in bundle.infos.items():
        if name not in expected and name != "policy":
            raise Refused("The file %s does not belong into a bundle of this range." % name)
        if info.file_size > expected.get(name, 1 << 20):
            raise Refused("The file %s is larger than it can be." % name)
    for name in expected:
        if name not in bundle.infos:
            raise Refused("The file %s is missing." % name)
    if any(earlier > size for earlier in bundle.earlier_sizes()):
        raise Refused("One of the earlier checkpoints is not earlier.")
    for name in ("README.txt", "schemas/events.binpb") + (("policy",) if "policy" in bundle.infos else ()):
        bundle.read(name)


# ---------------------------------------------------------------------------------------------------------------------------------------------------
# The verification


def verify_entries(bundle, tiles, manifest):
    """Every entry against its place in the tree. Answers the first position and the one behind the last."""
    start, size = manifest["from"], manifest["size"]
    position = first = start // TILE_WIDTH * TILE_WIDTH
    revisions = {}
    for index in tiles_in_range(manifest):
        hashes = tiles.tile(0, index)
        content, at = bundle.read(tile_name("entries", index, size)), 0
        for expected in hashes:
            length = int.from_bytes(content[at : at + 2], "big")
            entry = content[at + 2 : at + 2 + length]
            if len(content) < at + 2 + length or at + 2 > len(content):
                raise Refused("The entry at position %d is missing, or was cut." % position)
            if leaf_hash(entry) != expected:
                raise Refused("The entry at position %d is not the one that the log committed to." % position)
            try:
                stream, revision = read_envelope(entry)
            except ValueError as why:
                raise Refused("The entry at position %d was committed to, but is no sound event: %s." % (position, why)) from why
            follows = revisions.get(stream, 0 if first == 0 else revision)
            if revision != follows:
                raise Refused("The entry at position %d is revision %d of %s, where revision %d follows." % (position, revision, stream, follows))
            revisions[stream] = revision + 1
            position, at = position + 1, at + 2 + length
        if at != len(content):
            raise Refused("There is more than the %d entries of the tile, from position %d on." % (len(hashes), position))
    return first, position


def verify(path, given_key, other_note, policy, proved, not_proved):
    bundle = Bundle(path)
    manifest = read_manifest(bundle)
    start, end, size = manifest["from"], manifest["to"], manifest["size"]
    if given_key is None:
        not_proved.append("That the key is the log's: it came with the bundle. Give the key that reached you another way (--key).")
    if policy is None:
        not_proved.append("That others were shown the same log: no policy said which witnesses must have cosigned the checkpoint (--policy).")
    if start > 0 or end < size:
        not_proved.append("Anything about what the events below position %d, and from position %d on, say: they are not in the bundle." % (start, end))
    not_proved.append("Anything about events at and above position %d, which the checkpoint does not cover." % size)
    not_proved.extend(NEVER_PROVED)
    check_names(bundle, manifest)

    try:
        key = Key(bundle.read("keys/log").decode("utf-8"), ED25519)
    except ValueError as error:
        raise Refused("The key in the bundle is none, or its name or id was changed.") from error
    if given_key is not None and given_key.text != key.text:
        raise Refused("The bundle names another key than the one that you gave.")
    note = bundle.read("checkpoint")
    try:
        signed_size, root = open_checkpoint(note, key)
    except ValueError as error:
        raise Refused("The checkpoint in the bundle is not to be trusted: %s." % error) from error
    if signed_size != size or key.name != manifest["origin"]:
        raise Refused("bundle.json speaks of another log or size than the signed checkpoint.")
    proved.append("The checkpoint of %s over %d events is signed by the key %s %s." % (key.name, size, key.id.hex(), "that you gave" if given_key else "that came with the bundle"))
    if policy is not None:
        proved.append(policy.check(note, key.name))

    tiles = Tiles(bundle, size, root)
    first, behind = verify_entries(bundle, tiles, manifest)
    proved.append("The events at positions %d to %d are the ones that the log committed to at these places: none was changed, removed, added or moved." % (first, behind - 1))
    proved.append("Each of them is an event in canonical JSON, and the revisions of each stream follow without a gap%s." % (" from 0 on" if first == 0 else " within the range"))
    if start == 0 and end == size:
        proved.append("These are all events that the checkpoint covers.")
    for level, index in hash_tiles(manifest, bundle.earlier_sizes()):
        tiles.tile(level, index)
    proved.append("All tiles of the bundle hash up to the root of the checkpoint.")

    earlier = [("earlier-checkpoints/%d" % at, bundle.read("earlier-checkpoints/%d" % at), at) for at in bundle.earlier_sizes()]
    for name, other, named_size in earlier + ([("the checkpoint that you gave", other_note, None)] if other_note is not None else []):
        try:
            other_size, other_root = open_checkpoint(other, key)
        except ValueError as error:
            raise Refused("%s is not to be trusted: %s." % (name, error)) from error
        if named_size not in (None, other_size):
            raise Refused("%s is of %d events." % (name, other_size))
        if other_size > size or (other_size % TILE_WIDTH and tile_name(0, other_size // TILE_WIDTH, size) not in bundle.infos):
            raise Impossible("The checkpoint over %d events can not be compared from this bundle: it does not hold the tile in which that tree ends." % other_size)
        if tiles.root_at(other_size) != other_root:
            raise Refused("The checkpoint over %d events was signed by the same key, but is not the beginning of this log: two histories were signed." % other_size)
        proved.append("The log has only grown since the checkpoint over %d events." % other_size)


def read_given(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Impossible("%s can not be read: %s." % (path, error)) from error


def main():
    parser = argparse.ArgumentParser(description="Verifies an audit bundle of Cairn. Exit code 0: it verifies, 1: it does not, 2: it could not be looked at.")
    parser.add_argument("bundle", metavar="FILE")
    parser.add_argument("--key", help="the log's verifier key, or a file with it, from another place than the bundle")
    parser.add_argument("--checkpoint", metavar="FILE", help="a checkpoint of the same log that you kept")
    parser.add_argument("--policy", metavar="FILE", help="which witnesses must have cosigned (C2SP tlog-policy)")
    arguments = parser.parse_args()
    proved, not_proved = [], []
    code, last = 0, "VERIFIED"
    try:
        key = arguments.key
        try:
            given = None if key is None else Key(read_given(key).decode("utf-8") if os.path.exists(key) else key, ED25519)
        except ValueError as error:
            raise Impossible(str(error)) from error
        note = read_given(arguments.checkpoint) if arguments.checkpoint else None
        try:
            policy = Policy(read_given(arguments.policy).decode("utf-8", "replace")) if arguments.policy else None
        except ValueError as error:
            raise Impossible("The policy can not be read: %s." % error) from error
        verify(arguments.bundle, given, note, policy, proved, not_proved)
    except Refused as refusal:
        code, last = 1, "NOT VERIFIED. %s" % refusal
    except Impossible as reason:
        code, last = 2, "COULD NOT BE VERIFIED. %s" % reason
    for title, sentences in (("Proved:", proved), ("Not proved:", not_proved)):
        if sentences and not (code and sentences is not_proved):
            print(title, *("  - " + sentence for sentence in sentences), sep="\n")
    print(last)
    return code


if __name__ == "__main__":
    sys.exit(main())
