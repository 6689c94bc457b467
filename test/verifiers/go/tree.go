package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// openCheckpoint checks the signature and reads the tree that was signed (C2SP tlog-checkpoint; tlog.ParseTree reads only trees of Go's own log).
func openCheckpoint(signed []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	// note.Open looks at the first signature of the key alone.
	text, signatures, err := signaturesOf(signed)
	if err != nil {
		return tlog.Tree{}, err
	}
	if _, err := anySigned([]note.Verifier{verifier}, verifier.Name(), text, signatures); err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("it is no checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("its size is none")
	}
	tree := tlog.Tree{N: size}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || copy(tree.Hash[:], root) != tlog.HashSize || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("its root is none")
	}
	return tree, nil
}

// authenticated reads hashes of the tree; each was compared with the signed root by tlog.TileHashReader.
type authenticated struct {
	tree   tlog.Tree
	reader tlog.HashReader
	// Hashes that were authenticated before, by their place in Go's order of stored hashes. Emptied with each tile of entries.
	known map[int64]tlog.Hash
}

// ReadHashes asks only for what is not known yet, so that proving all 256 leaves of a tile costs little more than proving one.
func (a *authenticated) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var missing []int64
	for _, index := range indexes {
		if _, ok := a.known[index]; !ok {
			missing = append(missing, index)
		}
	}
	if len(missing) > 0 {
		hashes, err := a.reader.ReadHashes(missing)
		if err != nil {
			return nil, err
		}
		for i, index := range missing {
			a.known[index] = hashes[i]
		}
	}
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = a.known[index]
	}
	return hashes, nil
}

// verifyEntries answers the first position and the one behind the last.
func (a *authenticated) verifyEntries(b *bundle, from, to int64) (first, position int64, err error) {
	first = from / tileWidth * tileWidth
	position = first
	for index := from / tileWidth; index*tileWidth < to; index++ {
		tile := tlog.Tile{H: tileHeight, L: -1, N: index, W: widthOf(0, index, a.tree.N)}
		content, err := b.read(nameOf(tile))
		if err != nil {
			return first, position, err
		}
		if err := a.readTile(tile.N, tile.W); err != nil {
			return first, position, err
		}
		for n := 0; n < tile.W; n++ {
			if len(content) < 2 || len(content) < 2+int(content[0])<<8+int(content[1]) {
				return first, position, fmt.Errorf("the entry at position %d is missing, or was cut", position)
			}
			length := int(content[0])<<8 + int(content[1])
			if err := a.verifyEntry(content[2:2+length], position); err != nil {
				return first, position, err
			}
			content = content[2+length:]
			position++
		}
		if len(content) > 0 {
			return first, position, fmt.Errorf("there is more than the %d entries of the tile, from position %d on", tile.W, position)
		}
	}
	return first, position, nil
}

// readTile authenticates the leaves of a tile, and the hashes of the subtrees within it, in one go.
func (a *authenticated) readTile(index int64, width int) error {
	a.known = map[int64]tlog.Hash{}
	var indexes []int64
	for level := 0; level <= tileHeight; level++ {
		first := index << uint(tileHeight-level)
		for n := first; n < first+int64(width)>>uint(level); n++ {
			indexes = append(indexes, tlog.StoredHashIndex(level, n))
		}
	}
	if _, err := a.ReadHashes(indexes); err != nil {
		return fmt.Errorf("the tile over positions %d to %d is not to be trusted: %w", index*tileWidth, index*tileWidth+int64(width)-1, err)
	}
	return nil
}

func (a *authenticated) verifyEntry(entry []byte, position int64) error {
	leaf := tlog.RecordHash(entry)
	hashes, err := a.ReadHashes([]int64{tlog.StoredHashIndex(0, position)})
	if err != nil {
		return err
	}
	if hashes[0] != leaf {
		return fmt.Errorf("the entry at position %d is not the one that the log committed to", position)
	}
	proof, err := tlog.ProveRecord(a.tree.N, position, a)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, a.tree.N, a.tree.Hash, position, leaf); err != nil {
		return fmt.Errorf("the entry at position %d is not included in the tree: %w", position, err)
	}
	return nil
}

// verifyTiles authenticates every tile that the bundle holds, from the top down, and demands all tiles above the leaves. The partial tiles at the right edge are what
// tlog.TileHashReader makes the tree's hash from; a full tile has its hash in the tile above. That is done here and not left to TileHashReader: up to version 0.7 of x/mod
// at least, which Debian 12 has, it passes over some of the full tiles; version 0.42 does not.
func (a *authenticated) verifyTiles(b *bundle) (int, error) {
	if _, err := a.reader.ReadHashes([]int64{tlog.StoredHashIndex(0, a.tree.N-1)}); err != nil {
		return 0, fmt.Errorf("the tiles at the end of the tree are not to be trusted: %w", err)
	}
	count := 0
	for level := 7; level >= 0; level-- {
		for index := int64(0); widthOf(level, index, a.tree.N) > 0; index++ {
			tile := tlog.Tile{H: tileHeight, L: level, N: index, W: widthOf(level, index, a.tree.N)}
			if level == 0 && b.files[nameOf(tile)] == nil {
				continue
			}
			if err := a.verifyTile(b, tile); err != nil {
				return count, err
			}
			count++
		}
	}
	if names := b.tiles(false); len(names) != count {
		return count, fmt.Errorf("%d tiles do not belong into a bundle of this size", len(names)-count)
	}
	return count, nil
}

func (a *authenticated) verifyTile(b *bundle, tile tlog.Tile) error {
	contents, err := b.ReadTiles([]tlog.Tile{tile})
	if err != nil || tile.W < tileWidth {
		return err
	}
	above := tlog.Tile{H: tileHeight, L: tile.L + 1, N: tile.N / tileWidth, W: widthOf(tile.L+1, tile.N/tileWidth, a.tree.N)}
	parents, err := b.ReadTiles([]tlog.Tile{above})
	if err != nil {
		return err
	}
	if expected, err := tlog.HashFromTile(above, parents[0], tlog.StoredHashIndex(above.L*tileHeight, tile.N)); err != nil || expected != hashOf(contents[0]) {
		return fmt.Errorf("the file %s does not hash up to the root that was signed", nameOf(tile))
	}
	return nil
}

// hashOf makes one hash of a full tile.
func hashOf(content []byte) tlog.Hash {
	hashes := make([]tlog.Hash, len(content)/tlog.HashSize)
	for i := range hashes {
		copy(hashes[i][:], content[i*tlog.HashSize:])
	}
	for ; len(hashes) > 1; hashes = hashes[:len(hashes)/2] {
		for i := 0; i < len(hashes)/2; i++ {
			hashes[i] = tlog.NodeHash(hashes[2*i], hashes[2*i+1])
		}
	}
	return hashes[0]
}

// verifyEarlier proves that the tree of an earlier checkpoint is the beginning of this one, and answers its size.
func (a *authenticated) verifyEarlier(b *bundle, name string, given bool, verifier note.Verifier) (int64, error) {
	read := b.read
	if given {
		read = os.ReadFile
	}
	signed, err := read(name)
	if err != nil && given {
		return 0, fmt.Errorf("%w: %v", errImpossible, err)
	} else if err != nil {
		return 0, err
	}
	earlier, err := openCheckpoint(signed, verifier)
	if err != nil {
		return 0, fmt.Errorf("%s is not to be trusted: %w", name, err)
	}
	if size, err := sizeInName(name); !given && (err != nil || size != earlier.N) {
		return 0, fmt.Errorf("%s is of %d events", name, earlier.N)
	}
	forked := fmt.Errorf("the checkpoint over %d events was signed by the same key, but is not the beginning of this log: two histories were signed", earlier.N)
	end := tlog.Tile{H: tileHeight, L: 0, N: earlier.N / tileWidth, W: widthOf(0, earlier.N/tileWidth, a.tree.N)}
	switch {
	case earlier.N > a.tree.N || (earlier.N%tileWidth != 0 && b.files[nameOf(end)] == nil):
		return 0, fmt.Errorf("%w: the checkpoint over %d events can not be compared from this bundle, which does not hold the tile in which that tree ends", errImpossible, earlier.N)
	case earlier.N == 0:
		return 0, nil
	case earlier.N == a.tree.N:
		if earlier.Hash != a.tree.Hash {
			return 0, forked
		}
		return earlier.N, nil
	}
	proof, err := tlog.ProveTree(a.tree.N, earlier.N, a.reader)
	if err != nil {
		return 0, err
	}
	if tlog.CheckTree(proof, a.tree.N, a.tree.Hash, earlier.N, earlier.Hash) != nil {
		return 0, forked
	}
	return earlier.N, nil
}
