package bolttable

import (
	"errors"
	"testing"

	"example.org/mend/shared/store"

	"github.com/google/go-cmp/cmp"
)

func TestEveryNameHasItsPlace(t *testing.T) {
	if len(names) > 256 || len(codes) != len(names)-1 {
		t.Errorf("%d names with %d places: each has one byte and comes once", len(names), len(codes))
	}
}

// A disk may give anything. An item that cannot be read is an error, and never a panic.
func TestADamagedItemIsAnError(t *testing.T) {
	item := store.Item{
		store.AttrPK: "P#1", store.AttrSK: "S", "slot": "s", "member": "m", "ttl": int64(1 << 40), "words": "ärger",
		"seen": []byte{0, 0xFF}, "open": true, "a longer name": int64(-1), "": false,
	}
	whole := encode(item)
	if got, err := decode(whole); err != nil || !cmp.Equal(got, item) {
		t.Errorf("got %v, %v; want %v", got, err, item)
	}
	damaged := [][]byte{{255, 0}, {0, 255}, {0}, {0, isText, 255, 255, 255, 255, 255, 255, 255, 255, 127}}
	for i := range whole {
		damaged = append(damaged, whole[:i])
		for _, bit := range []byte{1, 2, 4, 8, 16, 32, 64, 128, 255} {
			flipped := append([]byte{}, whole...)
			flipped[i] ^= bit
			damaged = append(damaged, flipped)
		}
	}
	refused := 0
	for _, b := range damaged {
		if _, err := decode(b); err != nil {
			refused++
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%x: got %v, want %v", b, err, ErrDamaged)
			}
		}
	}
	if refused < len(damaged)/3 {
		t.Errorf("only %d of %d damaged items were refused", refused, len(damaged))
	}
}
