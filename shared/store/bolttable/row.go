package bolttable

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
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

// cut takes the first attribute off a row that has one. The value begins with its type.
func (r row) cut() (name string, value, rest row, err error) {
	code, rest := r[0], r[1:]
	if code == 0 {
		text, after, ok := cutText(rest)
		if !ok {
			return "", nil, nil, errRow
		}
		name, rest = string(text), after
	} else if int(code) < len(names) {
		name = names[code]
	}
	if name == "" || len(rest) == 0 {
		return "", nil, nil, errRow
	}
	value, rest = rest, rest[1:]
	ok := value[0] <= isTrue
	switch value[0] {
	case isNumber:
		_, n := binary.Varint(rest)
		if ok = n > 0; ok {
			rest = rest[n:]
		}
	case isText, isBytes:
		_, rest, ok = cutText(rest)
	}
	if !ok {
		return "", nil, nil, errRow
	}
	return name, value[:len(value)-len(rest)], rest, nil
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

// text is what a text holds; "" for a value that is none.
func (r row) text() string {
	if len(r) == 0 || r[0] != isText {
		return ""
	}
	text, _, _ := cutText(r[1:])
	return string(text)
}

// find returns the value of an attribute; nil if the row has none of that name.
func (r row) find(attr string) (row, error) {
	for len(r) > 0 {
		name, value, rest, err := r.cut()
		if err != nil || name == attr {
			return value, err
		}
		r = rest
	}
	return nil, nil
}

// item gives what a row holds; nil for nil. It shares nothing with the row.
func (r row) item() (store.Item, error) {
	if r == nil {
		return nil, nil
	}
	texts, it := string(r), make(store.Item, len(r)/8)
	for len(r) > 0 {
		name, value, rest, err := r.cut()
		if err != nil {
			return nil, err
		}
		switch r = rest; value[0] {
		case isFalse, isTrue:
			it[name] = value[0] == isTrue
		case isNumber:
			it[name], _ = binary.Varint(value[1:])
		case isText: // all of them are parts of one string
			text, _, _ := cutText(value[1:])
			end := len(texts) - len(rest)
			it[name] = texts[end-len(text) : end]
		case isBytes:
			b, _, _ := cutText(value[1:])
			it[name] = append([]byte{}, b...)
		}
	}
	return it, nil
}

// size is what DynamoDB counts as the size of the item.
func (r row) size() (size int, err error) {
	for len(r) > 0 {
		name, value, rest, err := r.cut()
		if err != nil {
			return 0, err
		}
		r, size = rest, size+len(name)
		switch value[0] {
		case isFalse, isTrue:
			size++
		case isNumber:
			n, _ := binary.Varint(value[1:])
			size += dynamolimits.NumberSize(n)
		default:
			text, _, _ := cutText(value[1:])
			size += len(text)
		}
	}
	return size, nil
}

// projection is what the index "slots" holds of a row, and the key of that; nil of one
// that is not in the index.
func (r row) projection() (key []byte, projected row, err error) {
	var slot, member string
	for len(r) > 0 {
		name, value, rest, err := r.cut()
		if err != nil {
			return nil, nil, err
		}
		switch name {
		case store.AttrSlot:
			slot = value.text()
		case store.AttrMember:
			member = value.text()
		}
		if isProjected[name] {
			projected = append(projected, r[:len(r)-len(rest)]...)
		}
		r = rest
	}
	if slot == "" || member == "" {
		return nil, nil, nil
	}
	return rowKey(slot, member), projected, nil
}

// expiryKey is where the expiries have a row; nil if it doesn't expire.
func (r row) expiryKey(key store.Key) []byte {
	value, err := r.find(store.AttrTTL)
	if err != nil || value == nil || value[0] != isNumber {
		return nil
	}
	seconds, _ := binary.Varint(value[1:])
	return append(expiryBytes(seconds), rowKey(key.PK, key.SK)...)
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
func (r row) meets(c store.Condition) (bool, error) {
	for _, t := range c {
		value, err := r.find(t.Attr)
		if err != nil {
			return false, err
		}
		met := value == nil
		switch t.Is {
		case store.Exists:
			met = value != nil
		case store.Equal, store.NotEqual:
			equal := bytes.Equal(value, appendValue(make(row, 0, 64), t.Value))
			met = value != nil && equal == (t.Is == store.Equal)
		}
		if !met {
			return false, nil
		}
	}
	return true, nil
}

// edit is what a write makes of a row.
type edit struct {
	old, row row // nil: no item

	index, expiry bool // what the index and the expiries hold of it has changed
	loses         bool // a text is gone that may be someone's words or address

	size int // of the new item, as DynamoDB counts
}

// edited does a write, whose condition is met, to a row. Errors:
// [dynamolimits.Refused], [ErrDamaged].
func edited(old row, w store.Write) (edit, error) {
	e := edit{old: old, row: make(row, 0, len(old)+256)}
	switch {
	case w.Op == store.Check:
		e.row = old
		return e, nil
	case old == nil && w.Op != store.Delete:
		e.row = e.row.with(store.AttrPK, w.Key.PK).with(store.AttrSK, w.Key.SK)
	}
	values := w.Set
	if w.Op == store.Put {
		values = w.Item
	}
	found := 0 // of values and w.Add
	for rest := old; len(rest) > 0; {
		name, value, after, err := rest.cut()
		if err != nil {
			return e, err
		}
		attribute, start := rest[:len(rest)-len(after)], len(e.row)
		rest = after
		v, isSet := values[name]
		n, isAdded := w.Add[name]
		switch {
		case w.Op == store.Delete:
		case isSet:
			e.row = e.row.with(name, v)
			found++
		case isAdded:
			sum, err := add(name, value, n)
			if err != nil {
				return e, err
			}
			e.row = e.row.with(name, sum)
			found++
		case name == store.AttrPK || name == store.AttrSK || w.Op == store.Update && !slices.Contains(w.Remove, name):
			e.row = append(e.row, attribute...)
			continue
		}
		e.note(name, attribute, e.row[start:], value[0] >= isText)
	}
	if found < len(values)+len(w.Add) {
		if err := e.addNew(values, w.Add); err != nil {
			return e, err
		}
	}
	if w.Op == store.Delete {
		e.row = nil
	}
	var err error
	if e.size, err = e.row.size(); err == nil && e.size > dynamolimits.ItemBytes {
		err = dynamolimits.Refused(fmt.Sprintf("the item has %d bytes: at most %d", e.size, dynamolimits.ItemBytes))
	}
	return e, err
}

// addNew adds the attributes that the old row does not have.
func (e *edit) addNew(values store.Item, sums map[string]int64) error {
	all := make(store.Item, len(values)+len(sums))
	maps.Copy(all, values)
	for name, n := range sums {
		all[name] = n
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if value, err := e.old.find(name); err != nil || value != nil {
			if err != nil {
				return err
			}
			continue
		}
		start := len(e.row)
		e.row = e.row.with(name, all[name])
		e.note(name, nil, e.row[start:], false)
	}
	return nil
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

// add is the sum of a number in a row and n.
func add(name string, value row, n int64) (int64, error) {
	if value[0] != isNumber {
		return 0, dynamolimits.Refused(fmt.Sprintf("attribute %q is no number: nothing can be added to it", name))
	}
	had, _ := binary.Varint(value[1:])
	if n > 0 && had > math.MaxInt64-n || n < 0 && had < math.MinInt64-n {
		return 0, dynamolimits.Refused(fmt.Sprintf("attribute %q: the sum is too large", name))
	}
	return had + n, nil
}
