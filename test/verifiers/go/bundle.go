package main

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	maxFiles      = 262144
	maxFileBytes  = 1 << 26
	tileHeight    = 8
	tileWidth     = 1 << tileHeight
	earlierFolder = "earlier-checkpoints/"
)

// bundle is the ZIP file, read by name. It is a tlog.TileReader: Go names tiles tile/8/<level>/<number>, C2SP leaves out the height, which is always 8.
type bundle struct {
	archive *zip.ReadCloser
	files   map[string]*zip.File
}

func openBundle(path string) (*bundle, error) {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return nil, fmt.Errorf("%w: there is no file %s", errImpossible, path)
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("the file is no ZIP file, or was cut: %w", err)
	}
	b := &bundle{archive: archive, files: map[string]*zip.File{}}
	if len(archive.File) > maxFiles {
		return nil, fmt.Errorf("the file holds %d files; a bundle has at most %d", len(archive.File), maxFiles)
	}
	var compressed uint64
	for _, file := range archive.File {
		if b.files[file.Name] != nil {
			return nil, fmt.Errorf("the file %s is there twice", file.Name)
		}
		b.files[file.Name] = file
		if compressed += file.CompressedSize64; compressed > uint64(info.Size()) {
			return nil, fmt.Errorf("the files together are larger than the ZIP file: some of them overlap")
		}
	}
	return b, nil
}

func (b *bundle) close() { b.archive.Close() }

// read inflates a file, at most to the size that the ZIP states; archive/zip compares the checksum at its end.
func (b *bundle) read(name string) ([]byte, error) {
	file := b.files[name]
	if file == nil {
		return nil, fmt.Errorf("the file %s is missing", name)
	}
	if file.UncompressedSize64 > maxFileBytes {
		return nil, fmt.Errorf("the file %s is larger than it can be", name)
	}
	content, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("the file %s can not be read: %w", name, err)
	}
	defer content.Close()
	bytes, err := io.ReadAll(content)
	if err != nil {
		return nil, fmt.Errorf("the file %s can not be read: %w", name, err)
	}
	return bytes, nil
}

// tiles lists the names of tiles, sorted: those of hashes, or those of entries.
func (b *bundle) tiles(ofEntries bool) []string {
	var names []string
	for name := range b.files {
		if strings.HasPrefix(name, "tile/") && strings.HasPrefix(name, "tile/entries/") == ofEntries {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// earlierCheckpoints lists their names, the smallest first.
func (b *bundle) earlierCheckpoints() []string {
	var names []string
	for name := range b.files {
		if strings.HasPrefix(name, earlierFolder) {
			names = append(names, name)
		}
	}
	sort.Slice(names, func(i, j int) bool {
		return len(names[i]) < len(names[j]) || (len(names[i]) == len(names[j]) && names[i] < names[j])
	})
	return names
}

// checkNames refuses what a bundle of this range has no place for, and reads what proves nothing, so that a damaged file is not taken for a whole one.
func (b *bundle) checkNames(from, to, size int64) error {
	for _, name := range b.tiles(true) {
		tile, err := parseTile(name)
		if err != nil || nameOf(tile) != name || tile.W != widthOf(0, tile.N, size) || tile.N < from/tileWidth || tile.N*tileWidth >= to {
			return fmt.Errorf("the file %s does not belong into a bundle of this range", name)
		}
	}
	known := map[string]bool{"README.txt": true, "bundle.json": true, "checkpoint": true, "keys/log": true, "policy": true, "schemas/events.binpb": true}
	for name := range b.files {
		if !known[name] && !strings.HasPrefix(name, "tile/") && !strings.HasPrefix(name, earlierFolder) {
			return fmt.Errorf("the file %s does not belong into a bundle", name)
		}
	}
	for name := range known {
		if _, err := b.read(name); err != nil && (name != "policy" || b.files[name] != nil) {
			return err
		}
	}
	return nil
}

func (b *bundle) Height() int { return tileHeight }

func (b *bundle) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	contents := make([][]byte, len(tiles))
	for i, tile := range tiles {
		content, err := b.read(nameOf(tile))
		if err != nil {
			return nil, err
		}
		if len(content) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("the file %s does not have the %d hashes that its name says", nameOf(tile), tile.W)
		}
		contents[i] = content
	}
	return contents, nil
}

// SaveTiles has nothing to do: the bundle is all there is.
func (b *bundle) SaveTiles([]tlog.Tile, [][]byte) {}

func nameOf(tile tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(strings.Replace(tile.Path(), "/data/", "/entries/", 1), fmt.Sprintf("tile/%d/", tileHeight))
}

func parseTile(name string) (tlog.Tile, error) {
	path := fmt.Sprintf("tile/%d/%s", tileHeight, strings.TrimPrefix(name, "tile/"))
	return tlog.ParseTilePath(strings.Replace(path, "/entries/", "/data/", 1))
}

// widthOf is the number of hashes that a tile has in a tree of this size; 0 when it is not there.
func widthOf(level int, index, size int64) int {
	width := size>>(tileHeight*uint(level)) - index*tileWidth
	switch {
	case width <= 0:
		return 0
	case width > tileWidth:
		return tileWidth
	}
	return int(width)
}

func sizeInName(name string) (int64, error) {
	return strconv.ParseInt(strings.TrimPrefix(name, earlierFolder), 10, 64)
}
