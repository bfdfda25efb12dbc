package bolttable

import (
	"errors"
	"testing"

	"example.org/mend/shared/store"
)

var anItem = store.Item{
	store.AttrPK: "P#1", store.AttrSK: "S", "slot": "s", "member": "m", "ttl": int64(1 << 40), "words": "ärger",
	"seen": []byte{0, 0xFF}, "open": true, "a name of another": int64(-1), "": false,
}

func rowFrom(it store.Item) row {
	var r row
	for name, v := range it {
		r = r.with(name, v)
	}
	return r
}

func TestEveryNameHasItsPlace(t *testing.T) {
	if len(names) > 256 || len(codes) != len(names)-1 {
		t.Errorf("%d names with %d places: each has one byte and comes once", len(names), len(codes))
	}
}

// A disk may give anything. A row that cannot be read is an error, and never a panic.
func TestADamagedRowIsAnError(t *testing.T) {
	whole := rowFrom(anItem)
	var damaged []row
	for i := range whole {
		damaged = append(damaged, whole[:i])
		for _, bit := range []byte{1, 2, 4, 8, 16, 32, 64, 128, 255} {
			flipped := append(row{}, whole...)
			flipped[i] ^= bit
			damaged = append(damaged, flipped)
		}
	}
	for _, r := range append(damaged, row{255, 0}, row{0, 0}, row{1},
		row{1, isText, 255, 255, 255, 255, 255, 255, 255, 255, 127}) {
		_, rowErr := readRow(r)
		_, itemErr := readItem(r)
		if (rowErr == nil) != (itemErr == nil) || rowErr != nil && !errors.Is(rowErr, ErrDamaged) {
			t.Errorf("%x: got %v for the row and %v for the item", r, rowErr, itemErr)
		}
		if rowErr == nil { // whatever looks at its attributes can read them
			_, err := edited(r, store.Write{Op: store.Update, Set: store.Item{"words": "b"}})
			if row(r).projection(); err != nil {
				t.Errorf("%x: %v", r, err)
			}
		}
	}
}
