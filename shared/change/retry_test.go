package change_test

import (
	"errors"
	"testing"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// The last of twenty changes at once loses nineteen races. Nobody's forms, replies and letters are
// as many. A change that loses all of its races ends too.
func TestTheLastOfManyChangesIsMade(t *testing.T) {
	for races, want := range map[int]error{0: nil, 19: nil, 1000: mend.ErrConcurrentChange} {
		lost := 0
		err := change.Retry(func() error {
			if lost == races {
				return nil
			}
			lost++
			return store.ErrConflict
		})
		if !errors.Is(err, want) {
			t.Errorf("%d races lost: got %v, want %v", races, err, want)
		}
	}
}
