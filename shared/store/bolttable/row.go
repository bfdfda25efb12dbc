package bolttable

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamolimits"
)

// row is an item as the file holds it: its attributes one after another, "pk" and "sk" first. An
// attribute is its name, the type of its value, and the value. A write changes the row without
// making an item of it, which would take several times as long.
type row []byte

// names lists the attributes whose name is one byte in a row: its place here. Another name is
// a byte 0, its length and its text. The places belong to the format of the file, so a new
// name goes at the end.
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

// The types of a value. A number is a varint, a text its length and its bytes.
const (
	isFalse = iota
	isTrue
	isNumber
	isText
	isBytes
)

var errRow = fmt.Errorf("an item cannot be read: %w", ErrDamaged)

// readRow is a row that the file gave, if all of it can be read.
func readRow(b []byte) (row, error) {
	for rest, ok := row(b), true; len(rest) > 0; {
		if _, rest, ok = rest.cut(); !ok {
			return nil, errRow
		}
	}
	return b, nil
}

// attribute is one attribute of a row. Its bytes begin with its name, and its value with the type.
type attribute struct {
	name  string
	bytes row
	value row
}

// attributes are those of a row that can be read.
func (r row) attributes() iter.Seq[attribute] {
	return func(yield func(attribute) bool) {
		for rest := r; len(rest) > 0; {
			var a attribute
			if a, rest, _ = rest.cut(); !yield(a) {
				return
			}
		}
	}
}

// cut takes the first attribute off a row that has one.
func (r row) cut() (a attribute, rest row, ok bool) {
	code, rest := r[0], r[1:]
	if code == 0 {
		var text row
		if text, rest, ok = cutText(rest); !ok {
			return a, nil, false
		}
		a.name = string(text)
	} else if int(code) < len(names) {
		a.name = names[code]
	}
	if a.name == "" || len(rest) == 0 {
		return a, nil, false
	}
	value := rest
	rest, ok = rest[1:], value[0] <= isTrue
	switch value[0] {
	case isNumber:
		_, n := binary.Varint(rest)
		if ok = n > 0; ok {
			rest = rest[n:]
		}
	case isText, isBytes:
		_, rest, ok = cutText(rest)
	}
	a.bytes, a.value = r[:len(r)-len(rest)], value[:len(value)-len(rest)]
	return a, rest, ok
}

func cutText(b row) (text, rest row, ok bool) {
	length, n := binary.Uvarint(b)
	if n <= 0 || length > uint64(len(b)-n) {
		return nil, nil, false
	}
	return b[n : n+int(length)], b[n+int(length):], true
}

// with is the row with one more attribute at its end.
func (r row) with(name string, v any) row {
	if code := codes[name]; code > 0 {
		return appendValue(append(r, code), v)
	}
	r = binary.AppendUvarint(append(r, 0), uint64(len(name)))
	return appendValue(append(r, name...), v)
}

// appendValue writes equal values alike, so that they can be compared as bytes.
func appendValue(r row, v any) row {
	switch v := v.(type) {
	case bool:
		if v {
			return append(r, isTrue)
		}
		return append(r, isFalse)
	case int64:
		return binary.AppendVarint(append(r, isNumber), v)
	case string:
		return append(binary.AppendUvarint(append(r, isText), uint64(len(v))), v...)
	case []byte:
		return append(binary.AppendUvarint(append(r, isBytes), uint64(len(v))), v...)
	}
	panic(fmt.Sprintf("a value of type %T, which dynamolimits refuses", v))
}

// text is what a text or bytes hold; nil for another value.
func (r row) text() row {
	if len(r) == 0 || r[0] < isText {
		return nil
	}
	text, _, _ := cutText(r[1:])
	return text
}

// number is what a number holds.
func (r row) number() int64 {
	n, _ := binary.Varint(r[1:])
	return n
}

// any is the value as an item has it.
func (r row) any() any {
	switch r[0] {
	case isFalse, isTrue:
		return r[0] == isTrue
	case isNumber:
		return r.number()
	case isText:
		return string(r.text())
	}
	return append([]byte{}, r.text()...)
}

// find returns the value of an attribute; nil if the row has none of that name.
func (r row) find(name string) row {
	for a := range r.attributes() {
		if a.name == name {
			return a.value
		}
	}
	return nil
}

// readItem is the item that a row holds; nil for nil. It shares nothing with the row.
func readItem(b []byte) (store.Item, error) {
	if b == nil {
		return nil, nil
	}
	texts, it := string(b), make(store.Item, len(b)/8)
	for rest := row(b); len(rest) > 0; {
		a, after, ok := rest.cut()
		if !ok {
			return nil, errRow
		}
		if rest = after; a.value[0] == isText { // all of them are parts of one string
			end := len(texts) - len(rest)
			it[a.name] = texts[end-len(a.value.text()) : end]
		} else {
			it[a.name] = a.value.any()
		}
	}
	return it, nil
}

// size is what DynamoDB counts as the size of the item.
func (r row) size() (size int) {
	for a := range r.attributes() {
		size += len(a.name)
		switch a.value[0] {
		case isFalse, isTrue:
			size++
		case isNumber:
			size += dynamolimits.NumberSize(a.value.number())
		default:
			size += len(a.value.text())
		}
	}
	return size
}

// projection is what the index "slots" holds of a row, and the key of that; nil of one
// that is not in the index.
func (r row) projection() (key []byte, projected row) {
	var slot, member string
	for a := range r.attributes() {
		switch a.name {
		case store.AttrSlot:
			slot = string(a.value.text())
		case store.AttrMember:
			member = string(a.value.text())
		}
		if isProjected[a.name] {
			projected = append(projected, a.bytes...)
		}
	}
	if slot == "" || member == "" {
		return nil, nil
	}
	return rowKey(slot, member), projected
}

// expiryKey is where the expiries have a row; nil if it doesn't expire.
func (r row) expiryKey(key store.Key) []byte {
	value := r.find(store.AttrTTL)
	if value == nil || value[0] != isNumber {
		return nil
	}
	return append(expiryBytes(value.number()), rowKey(key.PK, key.SK)...)
}

// isProjected names what the index holds of an item.
var isProjected, isBookkeeping = set(append(slices.Clone(store.SlotProjection),
	store.AttrPK, store.AttrSK, store.AttrSlot, store.AttrMember)), set(store.Bookkeeping)

func set(names []string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// meets reports whether a row (nil: no item) meets a condition.
func (r row) meets(c store.Condition) bool {
	for _, t := range c {
		value := r.find(t.Attr)
		met := value == nil
		switch t.Is {
		case store.Exists:
			met = value != nil
		case store.Equal, store.NotEqual:
			equal := bytes.Equal(value, appendValue(make(row, 0, 64), t.Value))
			met = value != nil && equal == (t.Is == store.Equal)
		}
		if !met {
			return false
		}
	}
	return true
}

// edit is what a write makes of a row.
type edit struct {
	old, row row // nil: no item

	index, expiry bool // what the index and the expiries hold of it has changed
	loses         bool // a text is gone that may be someone's words or address

	size int // of the new item, as DynamoDB counts
}

// edited does a write, whose condition is met, to a row. Errors: [dynamolimits.Refused].
func edited(old row, w store.Write) (edit, error) {
	if w.Op == store.Check {
		return edit{old: old, row: old}, nil
	}
	e := edit{old: old, row: make(row, 0, len(old)+256)}
	if old == nil && w.Op != store.Delete {
		e.row = e.row.with(store.AttrPK, w.Key.PK).with(store.AttrSK, w.Key.SK)
	}
	values := w.Set
	if w.Op == store.Put {
		values = w.Item
	}
	found := 0 // of values and w.Add
	for a := range old.attributes() {
		start := len(e.row)
		v, isSet := values[a.name]
		n, isAdded := w.Add[a.name]
		switch {
		case w.Op == store.Delete:
		case isSet:
			e.row = e.row.with(a.name, v)
			found++
		case isAdded:
			sum, err := dynamolimits.Sum(a.name, a.value.any(), n)
			if err != nil {
				return e, err
			}
			e.row = e.row.with(a.name, sum)
			found++
		case a.name == store.AttrPK || a.name == store.AttrSK ||
			w.Op == store.Update && !slices.Contains(w.Remove, a.name):
			e.row = append(e.row, a.bytes...)
			continue
		}
		e.note(a.name, a.bytes, e.row[start:], a.value[0] >= isText)
	}
	if found < len(values)+len(w.Add) {
		e.addNew(values, w.Add)
	}
	if w.Op == store.Delete {
		e.row = nil
	}
	e.size = e.row.size()
	return e, dynamolimits.ItemSize(e.size)
}

// addNew adds the attributes that the old row does not have.
func (e *edit) addNew(values store.Item, sums map[string]int64) {
	all := make(store.Item, len(values)+len(sums))
	maps.Copy(all, values)
	for name, n := range sums {
		all[name] = n
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if e.old.find(name) == nil {
			start := len(e.row)
			e.row = e.row.with(name, all[name])
			e.note(name, nil, e.row[start:], false)
		}
	}
}

// note notes what the change of one attribute means.
func (e *edit) note(name string, old, now row, wasText bool) {
	if bytes.Equal(old, now) {
		return
	}
	e.index = e.index || isProjected[name]
	e.expiry = e.expiry || name == store.AttrTTL
	e.loses = e.loses || wasText && !isBookkeeping[name]
}
