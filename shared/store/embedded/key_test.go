package embedded

import (
	"bytes"
	"slices"
	"testing"

	"example.org/mend/shared/store"

	"pgregory.net/rapid"
)

var anyString = rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 0xFF}), 1, 3), func(b []byte) string { return string(b) })

func TestKeysOrderAsTheirStrings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) []string { return rapid.SliceOfN(anyString, 4, 4).Draw(t, name) }
		encoded := func(s []string) []byte { return slotKey(s[0], s[1], store.Key{PK: s[2], SK: s[3]}) }
		a, b := draw("a"), draw("b")
		if got, want := bytes.Compare(encoded(a), encoded(b)), slices.Compare(a, b); got != want {
			t.Errorf("%q against %q: got %d, want %d", a, b, got, want)
		}
		back := make([]string, 4)
		if err := cutStrings(encoded(a), &back[0], &back[1], &back[2], &back[3]); err != nil || !slices.Equal(a, back) {
			t.Errorf("%q: got back %q, %v", a, back, err)
		}
	})
}

// A key is in the span of a query if its strings are what the query asks for.
func TestSpanHoldsWhatTheQueryAsksFor(t *testing.T) {
	optional := rapid.OneOf(rapid.Just(""), anyString)
	partitions := rapid.SampledFrom([]string{"a", "a", "a\x00"}) // few, so that many keys are in the one that is asked for
	rapid.Check(t, func(t *rapid.T) {
		q := store.Query{
			Partition: partitions.Draw(t, "partition"),
			After:     optional.Draw(t, "after"),
		}
		if rapid.Bool().Draw(t, "by prefix") {
			q.Prefix = optional.Draw(t, "prefix")
		} else {
			q.From, q.To = optional.Draw(t, "from"), optional.Draw(t, "to")
		}
		k := store.Key{PK: partitions.Draw(t, "pk"), SK: anyString.Draw(t, "sk")}
		want := k.PK == q.Partition && len(k.SK) >= len(q.Prefix) && k.SK[:len(q.Prefix)] == q.Prefix &&
			k.SK >= q.From && (q.To == "" || k.SK <= q.To) &&
			(q.After == "" || k.SK > q.After)
		from, to := span(q)
		for _, b := range [][]byte{tableKey(k), slotKey(k.PK, k.SK, store.Key{PK: "\xff", SK: "\x00"})} {
			if got := bytes.Compare(from, b) <= 0 && bytes.Compare(b, to) < 0; got != want {
				t.Errorf("%+v of %+v: got %v, want %v", q, k, got, want)
			}
		}
	})
}
