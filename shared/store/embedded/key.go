package embedded

import (
	"bytes"
	"errors"

	"example.org/mend/shared/store"
)

// A key of several strings is each of them, closed by 00 01, with 00 FF for
// every 00 in it. So keys compare as bytes as their strings do one after another,
// and those that share their first strings stand together.
const (
	zero       = 0x00
	closesIt   = 0x01
	isZeroByte = 0xFF
)

func tableKey(k store.Key) []byte {
	return appendString(appendString(make([]byte, 0, len(k.PK)+len(k.SK)+4), k.PK), k.SK)
}

// slotKey is the key of an item in the index; two items may share slot and member.
func slotKey(slot, member string, k store.Key) []byte {
	b := make([]byte, 0, len(slot)+len(member)+len(k.PK)+len(k.SK)+8)
	return appendString(appendString(appendString(appendString(b, slot), member), k.PK), k.SK)
}

func appendString(b []byte, s string) []byte {
	return append(appendOpen(b, s), zero, closesIt)
}

// appendOpen leaves the string open, for a prefix.
func appendOpen(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] == zero {
			b = append(b, zero, isZeroByte)
		} else {
			b = append(b, s[i])
		}
	}
	return b
}

var errBadKey = errors.New("a damaged key")

// cutString takes the first string off a key.
func cutString(key []byte) (s string, rest []byte, err error) {
	end := bytes.Index(key, []byte{zero, closesIt})
	if end < 0 {
		return "", nil, errBadKey
	}
	escaped := key[:end]
	if bytes.IndexByte(escaped, zero) >= 0 {
		escaped = bytes.ReplaceAll(escaped, []byte{zero, isZeroByte}, []byte{zero})
	}
	return string(escaped), key[end+2:], nil
}

// cutStrings fills all the strings that a key has.
func cutStrings(key []byte, into ...*string) error {
	for _, s := range into {
		var err error
		if *s, key, err = cutString(key); err != nil {
			return err
		}
	}
	if len(key) > 0 {
		return errBadKey
	}
	return nil
}

// span is the run of keys, from ≤ key < to, that a query reads: those of its
// partition within its prefix or range, beyond the key that it continues after.
func span(q store.Query) (from, to []byte) {
	partition := appendString(nil, q.Partition)
	with := func(s string) []byte { return appendString(bytes.Clone(partition), s) }

	from = appendOpen(bytes.Clone(partition), q.Prefix)
	to = following(from)
	if q.From != "" {
		from = with(q.From)
	}
	if q.To != "" {
		to = following(with(q.To))
	}
	if q.After == "" {
		return from, to
	}
	after := with(q.After)
	return most(from, following(after)), to
}

// following is the first key that is after all those that begin with prefix.
// No prefix consists of FF alone: it holds the partition's end.
func following(prefix []byte) []byte {
	next := bytes.Clone(prefix)
	for i := len(next) - 1; ; i-- {
		if next[i] != 0xFF {
			next[i]++
			return next[:i+1]
		}
	}
}

func most(a, b []byte) []byte {
	if bytes.Compare(a, b) > 0 {
		return a
	}
	return b
}
