package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/sumdb/note"
)

// Types of keys and signatures (C2SP signed-note).
const (
	typeLog         = 0x01
	typeCosignature = 0x04
)

const (
	maxPolicyLines = 1000
	// The last second of the year 9999.
	lastDate = 253402300799
)

// policy says which logs are trusted and which witnesses must have cosigned (C2SP tlog-policy).
type policy struct {
	logs      []note.Verifier
	witnesses []witness
	// Every name that was defined; nil for a witness.
	named   map[string]*group
	members map[string]bool
	quorum  string
}

type group struct {
	threshold int
	members   []string
}

// witness is a key of type 0x04, which x/mod does not know.
type witness struct {
	name    string
	keyName string
	keyHash uint32
	public  ed25519.PublicKey
}

// readPolicy answers nil where no file was given.
func readPolicy(path string) (*policy, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: the policy can not be read: %v", errImpossible, err)
	}
	p := &policy{named: map[string]*group{}, members: map[string]bool{}}
	lines := strings.Split(string(text), "\n")
	if len(lines) > maxPolicyLines {
		return nil, fmt.Errorf("%w: a policy has at most %d lines", errImpossible, maxPolicyLines)
	}
	for n, line := range lines {
		if err := p.readLine(line); err != nil {
			return nil, fmt.Errorf("%w: line %d of the policy: %v", errImpossible, n+1, err)
		}
	}
	if p.quorum == "" {
		return nil, fmt.Errorf("%w: the policy has no quorum line", errImpossible)
	}
	return p, nil
}

func (p *policy) readLine(line string) error {
	isControl := func(r rune) bool { return r < 0x20 && r != '\t' || r == 0x7f }
	if strings.IndexFunc(line, isControl) >= 0 {
		return errors.New("control characters are not allowed")
	}
	items := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
	if len(items) == 0 || strings.HasPrefix(items[0], "#") {
		return nil
	}
	switch kind, items := items[0], items[1:]; {
	case kind == "log" && (len(items) == 1 || len(items) == 2):
		return p.readLog(items[0])
	case kind == "witness" && (len(items) == 2 || len(items) == 3):
		return p.readWitness(items[0], items[1])
	case kind == "group" && len(items) >= 3:
		return p.readGroup(items[0], items[1], items[2:])
	case kind == "quorum" && len(items) == 1:
		return p.readQuorum(items[0])
	}
	return errors.New("this is no line of a policy")
}

func (p *policy) readLog(key string) error {
	if _, _, _, err := parseKey(key, typeLog); err != nil {
		return err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	for _, other := range p.logs {
		if other.Name() == verifier.Name() && other.KeyHash() == verifier.KeyHash() {
			return errors.New("this log is listed twice")
		}
	}
	p.logs = append(p.logs, verifier)
	return nil
}

func (p *policy) readWitness(name, key string) error {
	keyName, keyHash, public, err := parseKey(key, typeCosignature)
	if err != nil {
		return err
	}
	for _, other := range p.witnesses {
		if other.public.Equal(public) {
			return errors.New("two witnesses have the same key")
		}
	}
	p.witnesses = append(p.witnesses, witness{name, keyName, keyHash, public})
	return p.define(name, nil)
}

func (p *policy) readGroup(name, count string, members []string) error {
	for _, member := range members {
		if _, ok := p.named[member]; !ok || p.members[member] {
			return fmt.Errorf("%s is not defined before, or counts twice", member)
		}
		p.members[member] = true
	}
	threshold := 0
	switch {
	case count == "all":
		threshold = len(members)
	case count == "any":
		threshold = 1
	case regexp.MustCompile(`^[1-9][0-9]{0,3}$`).MatchString(count):
		threshold, _ = strconv.Atoi(count)
	}
	if threshold < 1 || threshold > len(members) {
		return fmt.Errorf("a group of %d can not need %s", len(members), count)
	}
	return p.define(name, &group{threshold, members})
}

func (p *policy) readQuorum(name string) error {
	if _, ok := p.named[name]; p.quorum != "" || (name != "none" && !ok) {
		return errors.New("there is one quorum, of a name that is defined before")
	}
	p.quorum = name
	return nil
}

func (p *policy) define(name string, what *group) error {
	if _, ok := p.named[name]; ok || name == "none" || name == "all" || name == "any" {
		return fmt.Errorf("%s is no name for this", name)
	}
	p.named[name] = what
	return nil
}

// check answers a sentence on who cosigned a checkpoint that the log signed. A policy that names no logs is one for this log.
func (p *policy) check(signed []byte, log string) (string, error) {
	text, signatures, err := signaturesOf(signed)
	if err != nil {
		return "", err
	}
	if len(p.logs) > 0 {
		if ok, err := anySigned(p.logs, log, text, signatures); err != nil || !ok {
			return "", errors.New("none of the logs of the policy signed the checkpoint")
		}
	}
	cosigned := map[string]bool{}
	var who []string
	for _, witness := range p.witnesses {
		if seconds, ok := witness.cosigned(text, signatures); ok {
			cosigned[witness.name] = true
			who = append(who, witness.name+" at "+dateOf(seconds))
		}
	}
	if p.quorum == "none" {
		return "The policy asks for no cosignatures.", nil
	}
	if !p.isMet(p.quorum, cosigned) {
		return "", fmt.Errorf("the checkpoint lacks the quorum of cosignatures that the policy asks for (%s)", p.quorum)
	}
	return fmt.Sprintf("The quorum of the policy (%s) cosigned the checkpoint: %s.", p.quorum, strings.Join(who, ", ")), nil
}

func (p *policy) isMet(name string, cosigned map[string]bool) bool {
	group := p.named[name]
	if group == nil {
		return cosigned[name]
	}
	met := 0
	for _, member := range group.members {
		if p.isMet(member, cosigned) {
			met++
		}
	}
	return met >= group.threshold
}

// cosigned answers when, by the clock of the witness (C2SP tlog-cosignature). A wrong cosignature counts for nothing, not even beside a right one of the same key: anybody may
// add lines to a note, and must not be able to spoil it.
func (w witness) cosigned(text string, signatures []signature) (seconds uint64, ok bool) {
	for _, signature := range signatures {
		if signature.name != w.keyName || signature.keyHash != w.keyHash {
			continue
		}
		if len(signature.bytes) != 8+ed25519.SignatureSize {
			return 0, false
		}
		seconds = binary.BigEndian.Uint64(signature.bytes)
		message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, text)
		if seconds > 1<<63-1 || !ed25519.Verify(w.public, []byte(message), signature.bytes[8:]) {
			return 0, false
		}
		ok = true
	}
	return seconds, ok
}

// anySigned answers whether one of the verifiers of this name signed. A signature in the name of any of them that does not verify is an error.
func anySigned(verifiers []note.Verifier, name, text string, signatures []signature) (bool, error) {
	found := false
	for _, signature := range signatures {
		for _, verifier := range verifiers {
			if signature.name != verifier.Name() || signature.keyHash != verifier.KeyHash() {
				continue
			}
			if !verifier.Verify([]byte(text), signature.bytes) {
				return false, fmt.Errorf("the signature of %s does not verify", verifier.Name())
			}
			found = found || verifier.Name() == name
		}
	}
	return found, nil
}

// signature is a line below the text of a note.
type signature struct {
	name    string
	keyHash uint32
	bytes   []byte
}

// signaturesOf answers the text of a note and its signatures, none of them checked. note.Open checks the form, passes over repeated lines of a key that it knows, and takes
// base64 in any form; here all lines count, in the one canonical form.
func signaturesOf(signed []byte) (string, []signature, error) {
	var unverified *note.UnverifiedNoteError
	if _, err := note.Open(signed, note.VerifierList()); !errors.As(err, &unverified) {
		return "", nil, err
	}
	var signatures []signature
	for _, line := range unverified.Note.UnverifiedSigs {
		bytes, err := base64.StdEncoding.DecodeString(line.Base64)
		if err != nil || base64.StdEncoding.EncodeToString(bytes) != line.Base64 {
			return "", nil, errors.New("a line of signature is malformed")
		}
		signatures = append(signatures, signature{line.Name, line.Hash, bytes[4:]})
	}
	return unverified.Note.Text, signatures, nil
}

var keyForm = regexp.MustCompile(`^([^+]+)\+([0-9a-f]{8})\+(.+)$`)

// parseKey reads `<name>+<id>+<base64 of type and public key>` of Ed25519 keys; the id is the beginning of SHA-256(name, newline, type, public key).
func parseKey(text string, keyType byte) (name string, hash uint32, public ed25519.PublicKey, err error) {
	parts := keyForm.FindStringSubmatch(text)
	if parts == nil {
		return "", 0, nil, errors.New("this is no verifier key")
	}
	isBlank := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	material, err := base64.StdEncoding.DecodeString(parts[3])
	isCanonical := err == nil && base64.StdEncoding.EncodeToString(material) == parts[3] && strings.IndexFunc(parts[1], isBlank) < 0
	if !isCanonical || len(material) != 1+ed25519.PublicKeySize || material[0] != keyType {
		return "", 0, nil, errors.New("this is no verifier key of the kind that belongs here")
	}
	id := sha256.Sum256(append([]byte(parts[1]+"\n"), material...))
	hash = binary.BigEndian.Uint32(id[:4])
	if fmt.Sprintf("%08x", hash) != parts[2] {
		return "", 0, nil, errors.New("the id of the key does not belong to it")
	}
	return parts[1], hash, ed25519.PublicKey(material[1:]), nil
}

func dateOf(seconds uint64) string {
	if seconds > lastDate {
		return fmt.Sprintf("%d s", seconds)
	}
	return time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339)
}
