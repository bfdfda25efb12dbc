package curriculum

import (
	"bytes"

	"example.org/mend/content"
)

// Bitmap is a set of card numbers, 1 to [content.MaxNumber]. The zero value is empty.
type Bitmap [(content.MaxNumber + 1) / 8]byte

// ParseBitmap reads what [Bitmap.Bytes] wrote. Bytes beyond the 64th, which no number
// reaches, are passed over.
func ParseBitmap(b []byte) Bitmap {
	var set Bitmap
	copy(set[:], b)
	return set
}

// Bytes encodes the set, number n being bit n%8 of byte n/8, without the zero bytes at the
// end: at most 64 bytes.
func (b *Bitmap) Bytes() []byte { return bytes.TrimRight(b[:], "\x00") }

// Has reports whether n is in the set.
func (b *Bitmap) Has(n int) bool { return inRange(n) && b[n/8]&(1<<(n%8)) != 0 }

// Add puts n into the set; a number out of range changes nothing.
func (b *Bitmap) Add(n int) {
	if inRange(n) {
		b[n/8] |= 1 << (n % 8)
	}
}

// Numbers lists the set in order.
func (b Bitmap) Numbers() []int {
	var all []int
	for n := 1; n <= content.MaxNumber; n++ {
		if b.Has(n) {
			all = append(all, n)
		}
	}
	return all
}

func (b *Bitmap) remove(n int) { b[n/8] &^= 1 << (n % 8) }

func inRange(n int) bool { return n >= 1 && n <= content.MaxNumber }
