package dynamo

import (
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamolimits"

	"pgregory.net/rapid"
)

// sortKeys are short ones of few characters, of every length in UTF-8, some filled up to the limit.
var sortKeys = rapid.Custom(func(t *rapid.T) string {
	runes := rapid.SampledFrom([]rune{0, 1, 'a', 'b', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000,
		utf8.MaxRune - 1, utf8.MaxRune})
	s := rapid.StringOfN(runes, 1, 4, -1).Draw(t, "key")
	if rapid.Bool().Draw(t, "long") {
		filler := rapid.SampledFrom([]string{"\x00", "a", string(utf8.MaxRune)}).Draw(t, "filler")
		s = strings.Repeat(filler, (dynamolimits.SortBytes-len(s))/len(filler)) + s
	}
	return s
})

// The last key with a prefix is at least any other key with it, and can be a key.
func TestLastWithAPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, other := sortKeys.Draw(t, "key"), sortKeys.Draw(t, "other")
		last := lastWith(key)
		if strings.HasPrefix(other, key) && other > last || len(last) > dynamolimits.SortBytes ||
			!strings.HasPrefix(last, key) {
			t.Fatalf("got %q for the last with %q, with %q after it", last, key, other)
		}
	})
}

func TestSpan(t *testing.T) {
	last := lastWith("")
	for _, c := range []struct {
		query       store.Query
		first, last string
		some        bool
	}{
		{store.Query{}, "", "", true},
		{store.Query{From: "b", To: "d"}, "b", "d", true},
		{store.Query{From: "b", To: "d", After: "c"}, "c\x00", "d", true},
		{store.Query{From: "b", To: "d", After: "a"}, "b", "d", true},
		{store.Query{From: "b", To: "d", After: "d"}, "d\x00", "d", false},
		{store.Query{Prefix: "b", After: "bc"}, "bc\x00", lastWith("b"), true},
		{store.Query{After: "c"}, "c\x00", "", true},
		{store.Query{After: last}, last + "\x00", "", false},
	} {
		first, last, some := span(c.query)
		if some != c.some || some && (first != c.first || last != c.last) {
			t.Errorf("%+v: got %q to %q, %v, want %q to %q, %v", c.query, first, last, some, c.first, c.last, c.some)
		}
	}
}
