package bolttable

import (
	"encoding/binary"
	"fmt"

	"example.org/mend/shared/store"
)

// The types of a value in the file. A number is a varint; a text is its length and its bytes.
const (
	isFalse = iota
	isTrue
	isNumber
	isText
	isBytes
)

// encode is an item as the file holds it: the name, the type and the value of each attribute. Plain
// JSON or CBOR would take several times as long.
func encode(it store.Item) []byte {
	b := make([]byte, 0, 512)
	for name, v := range it {
		b = appendText(b, name)
		switch v := v.(type) {
		case bool:
			if v {
				b = append(b, isTrue)
			} else {
				b = append(b, isFalse)
			}
		case int64:
			b = binary.AppendVarint(append(b, isNumber), v)
		case string:
			b = appendText(append(b, isText), v)
		case []byte:
			b = appendText(append(b, isBytes), v)
		default:
			panic(fmt.Sprintf("a value of type %T, which dynamolimits refuses", v))
		}
	}
	return b
}

func appendText[T string | []byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// decode is the item that the file holds as b; nil for nil. It shares nothing with b.
func decode(b []byte) (store.Item, error) {
	if b == nil {
		return nil, nil
	}
	// All texts are parts of one string.
	d, it := decoder{b, string(b)}, make(store.Item, len(b)/16)
	for len(d.rest) > 0 {
		name, ok := d.text()
		if !ok || len(d.rest) == 0 {
			return nil, errItem
		}
		kind := d.rest[0]
		d.rest = d.rest[1:]
		switch kind {
		case isFalse, isTrue:
			it[name] = kind == isTrue
		case isNumber:
			n, length := binary.Varint(d.rest)
			if length <= 0 {
				return nil, errItem
			}
			it[name], d.rest = n, d.rest[length:]
		case isText, isBytes:
			text, ok := d.text()
			if !ok {
				return nil, errItem
			}
			if it[name] = text; kind == isBytes {
				it[name] = []byte(text)
			}
		default:
			return nil, errItem
		}
	}
	return it, nil
}

var errItem = fmt.Errorf("an item cannot be read: %w", ErrDamaged)

// decoder is what is still to be read of an item.
type decoder struct {
	rest  []byte
	whole string // rest is its end
}

// text reads a text, false if it isn't whole.
func (d *decoder) text() (string, bool) {
	length, n := binary.Uvarint(d.rest)
	if n <= 0 || length > uint64(len(d.rest)-n) {
		return "", false
	}
	d.rest = d.rest[n+int(length):]
	end := len(d.whole) - len(d.rest)
	return d.whole[end-int(length) : end], true
}
