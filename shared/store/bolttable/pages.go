package bolttable

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// pages reads a bolt file page by page, as bbolt lays it out, without its memory map. A
// page that is missing or makes no sense is an error here; bbolt would end the process
// with a signal or a panic.
type pages struct {
	file io.ReaderAt
	size uint64 // of a page, in bytes
	meta meta
	used map[uint64]bool // pages that were read, or are free
}

// meta is what a meta page says. A file has two, and the younger whole one counts.
type meta struct {
	Magic, Version, PageSize, Flags                      uint32
	Root, Sequence, Freelist, End, Transaction, Checksum uint64
}

// What bbolt writes into pages.
const (
	pageHead, elementHead, bucketHead, metaLength = 16, 16, 16, 64

	branchPage, leafPage, freelistPage = 1, 2, 16

	isBucket   = 1 // an element of a leaf that is a bucket
	noFreelist = 1<<64 - 1
	boltMagic  = 0xED0CDAED
)

// checkPages reads the whole file, and returns what is wrong with it.
func checkPages(file *os.File) error {
	p, err := openPages(file)
	if err != nil {
		return err
	}
	if err = p.walk(p.meta.Root, nil, nil); err != nil {
		return fmt.Errorf("%w: %w", err, ErrDamaged)
	}
	free, err := p.free()
	if err != nil {
		return fmt.Errorf("%w: %w", err, ErrDamaged)
	}
	for _, id := range free { // bbolt would write over a page that is named here and in use
		if id < 2 || id >= p.meta.End || p.used[id] {
			return fmt.Errorf("page %d is free and in use: %w", id, ErrDamaged)
		}
		p.used[id] = true
	}
	stat, err := file.Stat()
	if want := int64(p.meta.End * p.size); err == nil && stat.Size() < want {
		err = fmt.Errorf("it has %d bytes and should have %d: %w", stat.Size(), want, ErrDamaged)
	}
	return err
}

// openPages finds the younger meta page that is whole. The second one stands behind the first page,
// whose size is not known if the first is damaged.
func openPages(file io.ReaderAt) (*pages, error) {
	p := &pages{file: file, used: map[uint64]bool{}}
	for at := int64(0); at <= 64<<10; at = max(2*at, 512) {
		m, ok := readMeta(file, at)
		if ok && (at == 0 || int64(m.PageSize) == at) && (p.size == 0 || m.Transaction > p.meta.Transaction) {
			p.meta, p.size = m, uint64(m.PageSize)
		}
		if p.size != 0 && at >= int64(p.size) {
			break
		}
	}
	if p.size == 0 {
		return nil, ErrNotMend
	}
	return p, nil
}

func readMeta(file io.ReaderAt, at int64) (m meta, ok bool) {
	b := make([]byte, metaLength)
	if _, err := file.ReadAt(b, at+pageHead); err != nil {
		return m, false
	}
	_, _ = binary.Decode(b, binary.LittleEndian, &m) // it is as long
	sum := fnv.New64a()
	_, _ = sum.Write(b[:metaLength-8])
	return m, m.Magic == boltMagic && m.Checksum == sum.Sum64() && m.PageSize >= 512 &&
		m.PageSize <= 64<<10 && m.End < 1<<40
}

// page is one page with those that it runs over into.
type page struct {
	kind  uint16
	count int
	body  []byte // head included
}

func pageOf(body []byte) page {
	return page{binary.LittleEndian.Uint16(body[8:]), int(binary.LittleEndian.Uint16(body[10:])), body}
}

// read takes a page, which no other part of the file may have.
func (p *pages) read(id uint64) (page, error) {
	if id < 2 || id >= p.meta.End {
		return page{}, fmt.Errorf("there is no page %d", id)
	}
	body := make([]byte, p.size)
	if _, err := p.file.ReadAt(body, int64(id*p.size)); err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, err)
	}
	more := uint64(binary.LittleEndian.Uint32(body[12:]))
	if binary.LittleEndian.Uint64(body) != id || id+more >= p.meta.End {
		return page{}, fmt.Errorf("page %d is overwritten", id)
	}
	if more > 0 {
		body = append(body, make([]byte, more*p.size)...)
		if _, err := p.file.ReadAt(body[p.size:], int64((id+1)*p.size)); err != nil {
			return page{}, fmt.Errorf("page %d: %w", id, err)
		}
	}
	for i := id; i <= id+more; i++ {
		if p.used[i] {
			return page{}, fmt.Errorf("page %d is used twice", i)
		}
		p.used[i] = true
	}
	return pageOf(body), nil
}

// element is an entry of a branch (key, child) or of a leaf (flags, key, value). A nil key is an
// entry that lies outside its page.
type element struct {
	flags      uint32
	key, value []byte
	child      uint64
}

func (g page) element(i int) (e element) {
	head := uint64(pageHead + i*elementHead)
	if head+elementHead > uint64(len(g.body)) {
		return e
	}
	b := g.body[head:]
	word := func(i int) uint64 { return uint64(binary.LittleEndian.Uint32(b[4*i:])) }
	at, keyLength, valueLength := word(0), word(1), uint64(0)
	if g.kind == leafPage {
		e.flags, at, keyLength, valueLength = uint32(at), keyLength, word(2), word(3)
	} else {
		e.child = binary.LittleEndian.Uint64(b[8:])
	}
	if end := at + keyLength; end+valueLength <= uint64(len(b)) && e.flags <= isBucket {
		e.key, e.value = b[at:end:end], b[end:end+valueLength]
	}
	return e
}

// walk checks a page and those below it, whose keys are in order: from ≤ key < to. A nil key is no
// limit. It ends, since read takes no page twice.
func (p *pages) walk(id uint64, from, to []byte) error {
	got, err := p.read(id)
	if err == nil && got.kind != leafPage && (got.kind != branchPage || got.count == 0) {
		err = fmt.Errorf("page %d is of kind %d", id, got.kind)
	}
	if err != nil {
		return err
	}
	return p.entries(got, from, to)
}

func (p *pages) entries(in page, from, to []byte) error {
	for i := range in.count {
		e := in.element(i)
		if len(e.key) == 0 || bytes.Compare(e.key, from) < 0 || i > 0 && bytes.Equal(e.key, from) ||
			to != nil && bytes.Compare(e.key, to) >= 0 {
			return errors.New("an entry is overwritten")
		}
		from = e.key
		var err error
		switch {
		case in.kind == branchPage:
			end := to
			if i+1 < in.count {
				end = in.element(i + 1).key
			}
			err = p.walk(e.child, e.key, end)
		case e.flags != isBucket:
		case e.root() != 0:
			err = p.walk(e.root(), nil, nil)
		default:
			small, ok := e.inline()
			if !ok {
				return errors.New("a bucket is overwritten")
			}
			err = p.entries(small, nil, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// root is the page where the pages of a bucket begin; 0 if there is none.
func (e element) root() uint64 {
	if len(e.value) < bucketHead {
		return 0
	}
	return binary.LittleEndian.Uint64(e.value)
}

// inline is the page of a small bucket, which stands in the value.
func (e element) inline() (page, bool) {
	if len(e.value) < bucketHead+pageHead || e.root() != 0 {
		return page{}, false
	}
	small := pageOf(e.value[bucketHead:])
	return small, small.kind == leafPage
}

// free is the list of free pages that stands in the file, in order.
func (p *pages) free() ([]uint64, error) {
	free := []uint64{}
	if p.meta.Freelist == noFreelist {
		return free, nil
	}
	got, err := p.read(p.meta.Freelist)
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
	for i := range count {
		free = append(free, binary.LittleEndian.Uint64(ids[i*8:]))
	}
	return free, nil
}
