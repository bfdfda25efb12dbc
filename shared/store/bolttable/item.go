package bolttable

import (
	"encoding/binary"
	"fmt"
	"strings"

	"example.org/mend/shared/store"
)

// names lists the attributes whose name is one byte in the file: its place here. Another name is a
// byte 0, its length and its text. The places belong to the format of the file, so a new name goes
// at the end.
var names = strings.Fields(`- pk sk slot member ttl
	accepted addressKey address after answered answers asked askedName askedToStop asking at attachmentNames
	attachments attempts blocked bounced card changed claim claimAt closed confirmations consent consentAt consentHow
	count cover created date day delivered digest digestDay digestFrom due entered epoch expired expires failed
	firstDate flag givenUp hold keepAddress keys kind lastAsked lastAttachments lastDate lastReply lastYear letters
	locale made mailboxKey meant members messageId mood moods muted n name next noContact nonce notice of offered
	open outcome path person pieces privacy promise question quiet refused released reminder retention retired role
	rule saidNoAt saidNoPath saidNoRested sealed seen showWords signIns signedUp silentUntil standsIn starred state
	status step stoppedAt today turn turnsEnd until version warnings words wrote zone zones`)

// codes is the place of each name in names.
var codes = func() map[string]byte {
	codes := map[string]byte{}
	for i, name := range names[1:] {
		codes[name] = byte(i + 1)
	}
	return codes
}()

// The types of a value in the file. A number is a varint; a text is its length and its bytes.
const (
	isFalse = iota
	isTrue
	isNumber
	isText
	isBytes
)

// encode is an item as the file holds it: how many attributes it has, and the name, the type and
// the value of each.
func encode(it store.Item) []byte {
	b := binary.AppendUvarint(make([]byte, 0, 1024), uint64(len(it)))
	for name, v := range it {
		code := codes[name]
		if b = append(b, code); code == 0 {
			b = appendText(b, name)
		}
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
			panic(fmt.Sprintf("a value of type %T, which no item has", v))
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
	count, n := binary.Uvarint(b)
	if n <= 0 || count > uint64(len(b)) {
		return nil, errItem
	}
	// All texts are parts of one string.
	d, it := decoder{b[n:], string(b)}, make(store.Item, count)
	for range count {
		name, ok := d.name()
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
	if len(d.rest) > 0 {
		return nil, errItem
	}
	return it, nil
}

var errItem = fmt.Errorf("an item cannot be read: %w", ErrDamaged)

// decoder is what is still to be read of an item.
type decoder struct {
	rest  []byte
	whole string // rest is its end
}

// name reads the name of an attribute, false if it isn't whole.
func (d *decoder) name() (string, bool) {
	if len(d.rest) == 0 || int(d.rest[0]) >= len(names) {
		return "", false
	}
	code := d.rest[0]
	if d.rest = d.rest[1:]; code == 0 {
		return d.text()
	}
	return names[code], true
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
