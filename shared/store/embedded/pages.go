package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"strings"
)

// pages reads a bolt file page by page, as bbolt lays it out, without its memory map. A page that is not
// there or makes no sense is an error here; bbolt would end the process with a signal or a panic.
type pages struct {
	file  io.ReaderAt
	size  uint64 // of a page, in bytes
	meta  meta
	used  map[uint64]bool // pages that the tree or the list of free pages has
	visit func(bucket string, key, value []byte)
	// damaged hears what is wrong. An error ends the walk; nil leaves out what is damaged.
	damaged func(error) error
}

// meta is what a meta page says: one of two, of which the younger whole one counts.
type meta struct{ root, freelist, end, transaction uint64 }

// What bbolt writes into pages.
const (
	pageHead, elementHead, bucketHead, metaLength = 16, 16, 16, 64

	branchPage, leafPage, freelistPage = 1, 2, 16

	isBucket   = 1 // an element of a leaf that is a bucket
	noFreelist = 1<<64 - 1
	mostDepth  = 64
	boltMagic  = 0xED0CDAED
)

// ErrDamaged is a file of Mend's of which a part is missing or was overwritten.
var ErrDamaged = errors.New("the data file is damaged: restore a backup with `mend restore`, or save what is whole with `mend rescue`")

// checkPages reads the whole file, and returns what is wrong with it.
func checkPages(file *os.File) error {
	p, err := openPages(file)
	if err != nil {
		return err
	}
	stat, err := file.Stat()
	if err != nil {
		return err
	}
	if want := int64(p.meta.end * p.size); stat.Size() < want {
		return fmt.Errorf("it has %d bytes and should have %d: %w", stat.Size(), want, ErrDamaged)
	}
	p.visit = func(string, []byte, []byte) {}
	p.damaged = func(err error) error {
		if errors.Is(err, ErrDamaged) {
			return err
		}
		return fmt.Errorf("%w: %w", err, ErrDamaged)
	}
	if err := p.bucket("", p.meta.root, 0); err != nil {
		return err
	}
	return p.freelist()
}

// openPages finds the younger meta page that is whole.
func openPages(file io.ReaderAt) (*pages, error) {
	p := &pages{file: file, used: map[uint64]bool{}}
	found := false
	for _, at := range []int64{0, 1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10} {
		m, size, ok := readMeta(file, at)
		if ok && (at == 0 || int64(size) == at) && (!found || m.transaction > p.meta.transaction) {
			p.meta, p.size, found = m, size, true
		}
	}
	if !found {
		return nil, ErrNotMend
	}
	return p, nil
}

func readMeta(file io.ReaderAt, at int64) (m meta, size uint64, ok bool) {
	b := make([]byte, metaLength)
	if _, err := file.ReadAt(b, at+pageHead); err != nil {
		return m, 0, false
	}
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	size = uint64(binary.LittleEndian.Uint32(b[8:]))
	if binary.LittleEndian.Uint32(b) != boltMagic || sum.Sum64() != binary.LittleEndian.Uint64(b[56:]) || size < 512 || size > 64<<10 {
		return m, 0, false
	}
	m.root, m.freelist = binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[32:])
	m.end, m.transaction = binary.LittleEndian.Uint64(b[40:]), binary.LittleEndian.Uint64(b[48:])
	return m, size, m.end < 1<<40
}

// page is one page with those that it runs over into.
type page struct {
	kind  uint16
	count int
	body  []byte // head included
}

// read takes a page, which no other part of the file may have.
func (p *pages) read(id uint64) (page, error) {
	head := make([]byte, pageHead)
	if id < 2 || id >= p.meta.end {
		return page{}, fmt.Errorf("there is no page %d", id)
	}
	if _, err := p.file.ReadAt(head, int64(id*p.size)); err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, err)
	}
	more := uint64(binary.LittleEndian.Uint32(head[12:]))
	if binary.LittleEndian.Uint64(head) != id || id+more >= p.meta.end {
		return page{}, fmt.Errorf("page %d is overwritten", id)
	}
	got := page{binary.LittleEndian.Uint16(head[8:]), int(binary.LittleEndian.Uint16(head[10:])), make([]byte, (1+more)*p.size)}
	if _, err := p.file.ReadAt(got.body, int64(id*p.size)); err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, err)
	}
	for i := id; i <= id+more; i++ {
		if p.used[i] {
			return page{}, fmt.Errorf("page %d is used twice", i)
		}
		p.used[i] = true
	}
	return got, nil
}

// keySpan is which keys may stand below a branch: from ≤ key < to, where nil is no limit.
type keySpan struct{ from, to []byte }

func (s keySpan) holds(key []byte) bool {
	return len(key) > 0 && bytes.Compare(key, s.from) >= 0 && isBefore(key, s.to)
}

// bucket walks all of a bucket.
func (p *pages) bucket(name string, root uint64, depth int) error {
	return p.tree(name, root, keySpan{}, depth)
}

// tree walks a page and those below it.
func (p *pages) tree(bucket string, id uint64, keys keySpan, depth int) error {
	got, err := p.read(id)
	if err == nil && depth > mostDepth {
		err = fmt.Errorf("page %d is too deep", id)
	}
	if err != nil {
		return p.damaged(err)
	}
	switch got.kind {
	case leafPage:
		err = p.leaf(bucket, got, keys, depth)
	case branchPage:
		err = p.branch(bucket, got, keys, depth)
	default:
		return p.damaged(fmt.Errorf("page %d is of kind %d", id, got.kind))
	}
	if errors.Is(err, errElement) && !errors.Is(err, ErrDamaged) {
		return p.damaged(fmt.Errorf("page %d: %w", id, err))
	}
	return err
}

var errElement = errors.New("an entry is overwritten")

// branch returns what is wrong with the page itself, or what ended the walk below it.
func (p *pages) branch(bucket string, got page, keys keySpan, depth int) error {
	type child struct {
		key []byte
		id  uint64
	}
	children := make([]child, 0, got.count)
	for i := range got.count {
		at := pageHead + i*elementHead
		if at+elementHead > len(got.body) {
			return errElement
		}
		e := got.body[at:]
		key, ok := part(e, uint64(binary.LittleEndian.Uint32(e)), uint64(binary.LittleEndian.Uint32(e[4:])))
		if !ok || len(key) == 0 || i > 0 && bytes.Compare(children[i-1].key, key) >= 0 {
			return errElement
		}
		children = append(children, child{key, binary.LittleEndian.Uint64(e[8:])})
	}
	if len(children) == 0 {
		return errElement
	}
	for i, c := range children {
		below := keySpan{c.key, keys.to}
		if i+1 < len(children) {
			below.to = children[i+1].key
		}
		if err := p.tree(bucket, c.id, below, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// part cuts length bytes from pos out of b.
func part(b []byte, pos, length uint64) ([]byte, bool) {
	if pos+length > uint64(len(b)) {
		return nil, false
	}
	return b[pos : pos+length], true
}

func (p *pages) leaf(bucket string, got page, keys keySpan, depth int) error {
	var before []byte
	for i := range got.count {
		at := pageHead + i*elementHead
		if at+elementHead > len(got.body) {
			return errElement
		}
		e := got.body[at:]
		pos, keyLength := uint64(binary.LittleEndian.Uint32(e[4:])), uint64(binary.LittleEndian.Uint32(e[8:]))
		key, ok := part(e, pos, keyLength)
		value, okValue := part(e, pos+keyLength, uint64(binary.LittleEndian.Uint32(e[12:])))
		flags := binary.LittleEndian.Uint32(e)
		if !ok || !okValue || !keys.holds(key) || i > 0 && bytes.Compare(before, key) >= 0 || flags > isBucket {
			if err := p.damaged(errElement); err != nil {
				return err
			}
			continue
		}
		before = key
		if flags == isBucket {
			if err := p.bucketIn(bucket, string(key), value, depth); err != nil {
				return err
			}
			continue
		}
		p.visit(bucket, key, value)
	}
	return nil
}

// bucketIn walks a bucket in a bucket: it has pages of its own, or is small and stands in the value.
func (p *pages) bucketIn(in, name string, value []byte, depth int) error {
	if len(value) < bucketHead || depth > mostDepth {
		return p.damaged(errElement)
	}
	name = strings.TrimPrefix(in+"/"+name, "/")
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		return p.bucket(name, root, depth+1)
	}
	inline := value[bucketHead:]
	if len(inline) < pageHead || binary.LittleEndian.Uint16(inline[8:]) != leafPage {
		return p.damaged(errElement)
	}
	return p.leaf(name, page{leafPage, int(binary.LittleEndian.Uint16(inline[10:])), inline}, keySpan{}, depth+1)
}

// freelist checks the list of free pages: bbolt would write over what it names.
func (p *pages) freelist() error {
	free, err := p.free()
	if err != nil {
		return p.damaged(err)
	}
	for _, id := range free {
		if id < 2 || id >= p.meta.end || p.used[id] {
			return p.damaged(fmt.Errorf("page %d is free and in use", id))
		}
		p.used[id] = true
	}
	return nil
}

// free is the list of free pages that stands in the file.
func (p *pages) free() ([]uint64, error) {
	if p.meta.freelist == noFreelist {
		return nil, nil
	}
	got, err := p.read(p.meta.freelist)
	if err != nil {
		return nil, err
	}
	ids, count := got.body[pageHead:], uint64(got.count)
	if count == 0xFFFF { // there are more than the head can say
		count, ids = binary.LittleEndian.Uint64(ids), ids[8:]
	}
	if got.kind != freelistPage || count > uint64(len(ids))/8 {
		return nil, errors.New("the list of free pages is overwritten")
	}
	free := make([]uint64, count)
	for i := range free {
		free[i] = binary.LittleEndian.Uint64(ids[i*8:])
	}
	return free, nil
}
