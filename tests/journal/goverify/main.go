// Command goverify checks a Keruen log with code that is none of ours: note and tlog are those of
// the Go checksum database. Only the C2SP paths, which that package writes otherwise, are made here.
//
//	goverify VKEY DIR [OLD-CHECKPOINT]
//
// It verifies the checkpoint's signature, each entry's hash against its leaf, a record proof for each
// 97th entry and both ends, and, given an older checkpoint, that the log only grew since.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// place is the C2SP path of a tile or bundle below its level.
func place(n int64, w int) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	if w < 1<<tileHeight {
		s += fmt.Sprintf(".p/%d", w)
	}
	return s
}

// directory reads tiles from a log's directory.
type directory string

func (d directory) Height() int                     { return tileHeight }
func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}

func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(filepath.Join(string(d), "tile", strconv.Itoa(t.L), place(t.N, t.W)))
		if err != nil {
			return nil, err
		}
		if len(data) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %d/%s has %d bytes", t.L, place(t.N, t.W), len(data))
		}
		all = append(all, data)
	}
	return all, nil
}

// open verifies a signed checkpoint and reads the tree it states.
func open(file string, known note.Verifiers) (tlog.Tree, error) {
	var tree tlog.Tree
	signed, err := os.ReadFile(file)
	if err != nil {
		return tree, err
	}
	n, err := note.Open(signed, known)
	if err != nil {
		return tree, fmt.Errorf("%s: %v", file, err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tree, fmt.Errorf("%s: not three lines", file)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tree, fmt.Errorf("%s: root is not a hash", file)
	}
	copy(tree.Hash[:], root)
	return tree, nil
}

// checkBundle compares each entry of a bundle with the leaf hash that the tree proves.
func checkBundle(dir string, first int64, width int, hashes tlog.HashReader) error {
	path := filepath.Join("tile", "entries", place(first>>tileHeight, width))
	data, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		return err
	}
	indexes := make([]int64, width)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
	}
	leaves, err := hashes.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for i, leaf := range leaves {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return fmt.Errorf("%s is cut short at entry %d", path, first+int64(i))
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		if tlog.RecordHash(data[2:end]) != leaf {
			return fmt.Errorf("entry %d in %s does not hash to its leaf", first+int64(i), path)
		}
		data = data[end:]
	}
	if len(data) > 0 {
		return fmt.Errorf("%s has %d bytes after its last entry", path, len(data))
	}
	return nil
}

// checkRecord proves one leaf and verifies the proof.
func checkRecord(tree tlog.Tree, index int64, hashes tlog.HashReader) error {
	leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	if err != nil {
		return err
	}
	proof, err := tlog.ProveRecord(tree.N, index, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf[0])
}

func verify(vkey, dir, older string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	known := note.VerifierList(verifier)
	tree, err := open(filepath.Join(dir, "checkpoint"), known)
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, directory(dir))
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		width := 1 << tileHeight
		if tree.N-first < int64(width) {
			width = int(tree.N - first)
		}
		if err := checkBundle(dir, first, width, hashes); err != nil {
			return err
		}
	}
	for index := int64(0); index < tree.N; index++ {
		if index%97 == 0 || index == tree.N-1 {
			if err := checkRecord(tree, index, hashes); err != nil {
				return fmt.Errorf("entry %d: %v", index, err)
			}
		}
	}
	if older != "" {
		old, err := open(older, known)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, old.N, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return fmt.Errorf("the log did not only grow from %d to %d: %v", old.N, tree.N, err)
		}
	}
	fmt.Println(tree.N, tree.Hash)
	return nil
}

func main() {
	args := append(os.Args, "")
	if len(os.Args) != 3 && len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: goverify VKEY DIR [OLD-CHECKPOINT]")
		os.Exit(2)
	}
	if err := verify(args[1], args[2], args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
