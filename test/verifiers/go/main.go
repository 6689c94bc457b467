// Verifies an audit bundle of Cairn with golang.org/x/mod/sumdb, the code behind Go's checksum database.
//
//	verify-bundle [-key KEY|FILE] [-checkpoint FILE] [-policy FILE] FILE
//
// It shares no code with Cairn. note.Open checks the signature; every tile is compared with the signed root before a hash of it is used; every entry is hashed and compared
// with its leaf, and tlog.CheckRecord proves its inclusion; tlog.CheckTree proves that the log only grew since earlier checkpoints; a policy says which witnesses must have
// cosigned. It does not look into the events: the verifiers in Python and of the cairn command do.
//
// Exit code 0: the bundle verifies. 1: it does not. 2: it could not be looked at.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var notProved = []string{
	"That each entry is a sound event: this verifier does not look into them.",
	"Anything about events that are not in the bundle, or at and above the size of the checkpoint.",
	"That an event was true when it was written.",
	"That nothing happened which was never submitted to the log.",
	"When something happened by the clock on the wall.",
	"That the log is, was or will be available.",
	"That schemas/events.binpb is what the writers used: the log does not commit to it.",
}

// errImpossible marks what makes the answer neither yes nor no.
var errImpossible = errors.New("could not be verified")

func main() {
	keyFlag := flag.String("key", "", "the log's verifier key, or a file with it, from another place than the bundle")
	checkpointFlag := flag.String("checkpoint", "", "file with a checkpoint of the same log that you kept")
	policyFlag := flag.String("policy", "", "file that says which witnesses must have cosigned the checkpoint (C2SP tlog-policy)")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "Usage: verify-bundle [-key KEY|FILE] [-checkpoint FILE] [-policy FILE] FILE")
		os.Exit(2)
	}
	proved, err := verify(flag.Arg(0), *keyFlag, *checkpointFlag, *policyFlag)
	fmt.Println("Proved:")
	for _, sentence := range proved {
		fmt.Println("  - " + sentence)
	}
	switch {
	case errors.Is(err, errImpossible):
		fmt.Printf("COULD NOT BE VERIFIED. %v.\n", err)
		os.Exit(2)
	case err != nil:
		fmt.Printf("NOT VERIFIED. %v.\n", err)
		os.Exit(1)
	}
	if *policyFlag == "" {
		notProved = append([]string{"That others were shown the same log: no policy said which witnesses must have cosigned the checkpoint (-policy)."}, notProved...)
	}
	if *keyFlag == "" {
		notProved = append([]string{"That the key is the log's: it came with the bundle. Give the key that reached you another way (-key)."}, notProved...)
	}
	fmt.Println("Not proved:")
	for _, sentence := range notProved {
		fmt.Println("  - " + sentence)
	}
	fmt.Println("VERIFIED")
}

func verify(path, givenKey, givenCheckpoint, givenPolicy string) (proved []string, err error) {
	policy, err := readPolicy(givenPolicy)
	if err != nil {
		return nil, err
	}
	bundle, err := openBundle(path)
	if err != nil {
		return nil, err
	}
	defer bundle.close()
	var manifest struct {
		Format, Origin string
		From, To, Size int64 `json:",string"`
	}
	if text, err := bundle.read("bundle.json"); err != nil {
		return nil, err
	} else if err := json.Unmarshal(text, &manifest); err != nil || manifest.Format != "cairn-audit/1" {
		return nil, fmt.Errorf("bundle.json is no description of a bundle that this verifier knows")
	}
	if manifest.From < 0 || manifest.From >= manifest.To || manifest.To > manifest.Size {
		return nil, fmt.Errorf("bundle.json names no range of the log")
	}

	verifier, whose, err := keyOf(bundle, givenKey)
	if err != nil {
		return nil, err
	}
	signed, err := bundle.read("checkpoint")
	if err != nil {
		return nil, err
	}
	tree, err := openCheckpoint(signed, verifier)
	if err != nil {
		return nil, fmt.Errorf("the checkpoint is not to be trusted: %w", err)
	}
	if tree.N != manifest.Size || verifier.Name() != manifest.Origin {
		return nil, fmt.Errorf("bundle.json speaks of another log or size than the signed checkpoint")
	}
	proved = append(proved, fmt.Sprintf("The checkpoint of %s over %d events is signed by the key %08x %s.", verifier.Name(), tree.N, verifier.KeyHash(), whose))
	if policy != nil {
		sentence, err := policy.check(signed, verifier.Name())
		if err != nil {
			return proved, err
		}
		proved = append(proved, sentence)
	}

	log := &authenticated{tree: tree, reader: tlog.TileHashReader(tree, bundle)}
	count, err := log.verifyTiles(bundle)
	if err != nil {
		return proved, err
	}
	proved = append(proved, fmt.Sprintf("All %d tiles of the bundle hash up to the root of the checkpoint.", count))
	first, behind, err := log.verifyEntries(bundle, manifest.From, manifest.To)
	if err != nil {
		return proved, err
	}
	proved = append(proved,
		fmt.Sprintf("The entries at positions %d to %d are the leaves of the tree at these places: none was changed, removed, added or moved.", first, behind-1),
		"The inclusion of each of them is proved.")

	others := bundle.earlierCheckpoints()
	if givenCheckpoint != "" {
		others = append(others, givenCheckpoint)
	}
	for _, name := range others {
		size, err := log.verifyEarlier(bundle, name, name == givenCheckpoint, verifier)
		if err != nil {
			return proved, err
		}
		proved = append(proved, fmt.Sprintf("The log has only grown since the checkpoint over %d events.", size))
	}
	return proved, bundle.checkNames(manifest.From, manifest.To, tree.N)
}

// keyOf answers the key to verify with: the one that was given, which the bundle must name too, or else the bundle's own.
func keyOf(bundle *bundle, given string) (note.Verifier, string, error) {
	inBundle, err := bundle.read("keys/log")
	if err != nil {
		return nil, "", err
	}
	key := strings.TrimSpace(string(inBundle))
	if given == "" {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return nil, "", fmt.Errorf("the key in the bundle is none: %w", err)
		}
		return verifier, "that came with the bundle", nil
	}
	if text, err := os.ReadFile(given); err == nil {
		given = string(text)
	}
	given = strings.TrimSpace(given)
	verifier, err := note.NewVerifier(given)
	if err != nil {
		return nil, "", fmt.Errorf("%w: the key that you gave is none: %v", errImpossible, err)
	}
	if given != key {
		return nil, "", fmt.Errorf("the bundle names another key than the one that you gave")
	}
	return verifier, "that you gave", nil
}
