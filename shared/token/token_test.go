package token

import (
	"testing"

	"example.org/mend/shared/person"
)

var sample = Claims{Person: "abcdefgh234567ab", Subscription: 1, Thing: "wxyz2345", Date: person.Date{Year: 2026, Month: 3, Day: 29}}

func BenchmarkSign(b *testing.B) {
	keys, _ := NewKeys(Key{ID: 1, Secret: [32]byte{1}})
	c := sample
	c.Purpose = Reply
	b.ReportAllocs()
	for b.Loop() {
		keys.Sign(c)
	}
}
func BenchmarkReplyAddress(b *testing.B) {
	keys, _ := NewKeys(Key{ID: 1, Secret: [32]byte{1}})
	b.ReportAllocs()
	for b.Loop() {
		keys.ReplyAddress(sample, "in.example.org")
	}
}
