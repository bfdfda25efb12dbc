package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"example.org/mend/shared/store"
)

// An item is kept as the version of the encoding, the number of attributes, and
// each attribute in the order of the names as bytes: name, type, value. A name, a
// string or bytes are their length and themselves; lengths are unsigned varints and
// numbers signed ones (encoding/binary), in their shortest form. The key is not
// kept again: it is the bucket's. So equal items are equal bytes.
const encodingVersion = 1

const (
	typeString byte = 's'
	typeInt    byte = 'i'
	typeTrue   byte = 't'
	typeFalse  byte = 'f'
	typeBytes  byte = 'b'
)

// encode leaves out the attributes that without names.
func encode(it store.Item, without ...string) ([]byte, error) {
	var few [32]string // most items have fewer
	names, size := few[:0], 2
	for name, v := range it {
		if slices.Contains(without, name) {
			continue
		}
		names = append(names, name)
		size += len(name) + 4
		switch v := v.(type) {
		case string:
			size += len(v) + 2
		case []byte:
			size += len(v) + 2
		default:
			size += 10
		}
	}
	slices.Sort(names)

	b := append(make([]byte, 0, size), encodingVersion)
	b = binary.AppendUvarint(b, uint64(len(names)))
	for _, name := range names {
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(b, name...)
		switch v := it[name].(type) {
		case string:
			b = binary.AppendUvarint(append(b, typeString), uint64(len(v)))
			b = append(b, v...)
		case int64:
			b = binary.AppendVarint(append(b, typeInt), v)
		case bool:
			if v {
				b = append(b, typeTrue)
			} else {
				b = append(b, typeFalse)
			}
		case []byte:
			b = binary.AppendUvarint(append(b, typeBytes), uint64(len(v)))
			b = append(b, v...)
		default:
			return nil, fmt.Errorf("attribute %q is of type %T", name, v)
		}
	}
	return b, nil
}

var errDamaged = errors.New("a damaged item")

// decode gives an item that shares nothing with b, with room for more attributes.
// It takes nothing but what encode makes.
func decode(b []byte, room int) (store.Item, error) {
	if len(b) == 0 {
		return nil, errDamaged
	}
	if b[0] != encodingVersion {
		return nil, fmt.Errorf("an item in encoding %d, this program knows %d", b[0], encodingVersion)
	}
	d := decoder{rest: string(b[1:])} // names and strings are parts of this one copy
	n := d.length()
	if n > len(d.rest)/2 { // each attribute takes at least its name's length and its type
		return nil, errDamaged
	}
	it := make(store.Item, n+room)
	last := ""
	for i := range n {
		name := d.take(d.length())
		if d.damaged || i > 0 && name <= last {
			return nil, errDamaged
		}
		last = name
		switch kind := d.take(1); kind {
		case string(typeString):
			it[name] = d.take(d.length())
		case string(typeInt):
			it[name] = d.number()
		case string(typeTrue), string(typeFalse):
			it[name] = kind == string(typeTrue)
		case string(typeBytes):
			it[name] = []byte(d.take(d.length()))
		default:
			return nil, errDamaged
		}
	}
	if d.damaged || d.rest != "" {
		return nil, errDamaged
	}
	return it, nil
}

// decoder reads off the front of rest; once damaged it reads nothing more.
type decoder struct {
	rest    string
	damaged bool
}

func (d *decoder) take(n int) string {
	if d.damaged || n > len(d.rest) {
		d.damaged = true
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// length is at most what is left.
func (d *decoder) length() int {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.damaged = true
		return 0
	}
	return int(n)
}

// number undoes the zigzag of [binary.AppendVarint].
func (d *decoder) number() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) uvarint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		s := d.take(1)
		if s == "" {
			return 0
		}
		c := s[0]
		v |= uint64(c&0x7F) << shift
		if c < 0x80 {
			if c == 0 && shift > 0 || shift == 63 && c > 1 { // longer than need be, or than fits
				d.damaged = true
			}
			return v
		}
	}
	d.damaged = true
	return 0
}
