package letter

import "testing"

// The check-in is the letter that a sender writes by the thousand. Its card is encoded before
// the clock starts: a sender's letters share some 360 cards. BenchmarkFirstLetter is the
// other end, a cold start.
func BenchmarkCheckIn(b *testing.B) {
	c := newComposer(b)
	h := headTo("zoe@example.org", "Zoë")
	for b.Loop() {
		if _, err := c.Compose(h, CheckIn{Choice: choice{Card: window}, ReplyKept: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	c := newComposer(b)
	h, month := headTo("zoe@example.org", "Zoë"), february()
	for b.Loop() {
		if _, err := c.Compose(h, Digest{month}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFirstLetter(b *testing.B) {
	h := headTo("zoe@example.org", "Zoë")
	for b.Loop() {
		c := newComposer(b)
		if _, err := c.Compose(h, pageOf(window)); err != nil {
			b.Fatal(err)
		}
	}
}
