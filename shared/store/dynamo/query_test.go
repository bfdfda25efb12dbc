package dynamo

import (
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/limits"

	"pgregory.net/rapid"
)

// sortKeys are short ones of few characters, of every length in UTF-8, some filled up to the limit.
var sortKeys = rapid.Custom(func(t *rapid.T) string {
	runes := rapid.SampledFrom([]rune{0, 1, 'a', 'b', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, utf8.MaxRune - 1, utf8.MaxRune})
	s := rapid.StringOfN(runes, 1, 4, -1).Draw(t, "key")
	if rapid.Bool().Draw(t, "long") {
		filler := rapid.SampledFrom([]string{"\x00", "a", string(utf8.MaxRune)}).Draw(t, "filler")
		s = strings.Repeat(filler, (limits.SortBytes-len(s))/len(filler)) + s
	}
	return s
})

// Between a sort key and the next, and the one before, there is none.
func TestNeighboursOfASortKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, other := sortKeys.Draw(t, "key"), sortKeys.Draw(t, "other")
		next, previous := after(key), before(key)
		if next <= key || previous >= key || !utf8.ValidString(next) || !utf8.ValidString(previous) || len(previous) > limits.SortBytes {
			t.Fatalf("%q: got the neighbours %q and %q", key, previous, next)
		}
		if (other > key) != (other >= next) {
			t.Fatalf("%q lies between %q and what comes after it, %q", other, key, next)
		}
		if (other < key) != (other <= previous) {
			t.Fatalf("%q lies between %q and what comes before it, %q", other, key, previous)
		}
		if last := lastWith(key); strings.HasPrefix(other, key) && other > last || len(last) > limits.SortBytes || !strings.HasPrefix(last, key) {
			t.Fatalf("got %q for the last with %q, with %q after it", last, key, other)
		}
	})
}

// A key as long as can be has its neighbour beside it, not behind it.
func TestNeighboursOfTheLongest(t *testing.T) {
	filled := func(end string) string { return strings.Repeat("x", limits.SortBytes-len(end)) + end }
	for _, c := range []struct{ key, next string }{
		{filled("a"), filled("b")},
		{filled("a\u07fe"), filled("a\u07ff")},
		{filled("a\u07ff"), filled("a\u07ff")[:limits.SortBytes-3] + "b"}, // the next character is longer
		{filled("\ud7ff"), filled("\ue000")},
		{filled("a" + string(utf8.MaxRune)), filled("b1234")[:limits.SortBytes-4]},
		{filled("a\x7f"), filled("b1")[:limits.SortBytes-1]},
	} {
		if got := after(c.key); got != c.next {
			t.Errorf("after …%q: got …%q, want …%q", c.key[1015:], got[1010:], c.next[1010:])
		}
	}
	if got, want := before("a\ue000"), lastWith("a\ud7ff"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
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
		{store.Query{From: "b", To: "d", After: "c\x00", Backward: true}, "b", "c", true},
		{store.Query{From: "b", To: "d", After: "b", Backward: true}, "b", before("b"), false},
		{store.Query{From: "b", To: "d", After: "x", Backward: true}, "b", "d", true},
		{store.Query{Prefix: "b", After: "bc"}, "bc\x00", lastWith("b"), true},
		{store.Query{Prefix: "b", After: "bc\x00", Backward: true}, "b", "bc", true},
		{store.Query{After: "c"}, "c\x00", "", true},
		{store.Query{After: "c\x00", Backward: true}, "", "c", true},
		{store.Query{After: "\x00", Backward: true}, "", "", false},
		{store.Query{After: last}, last + "\x00", "", false},
	} {
		first, last, some := span(c.query)
		if some != c.some || some && (first != c.first || last != c.last) {
			t.Errorf("%+v: got %q to %q, %v, want %q to %q, %v", c.query, first, last, some, c.first, c.last, c.some)
		}
	}
}
