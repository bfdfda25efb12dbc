package receive

import (
	"strings"
	"testing"

	"example.org/mend/shared/inbox"
)

// faulty is a mail that makes its reader panic, with a word of it.
type faulty struct{}

func (faulty) Read([]byte) (int, error) { panic("SECRET") }

func TestAMailThatMakesItsReaderPanicCannotBeRead(t *testing.T) {
	read, err := new(Service).readInTime(t.Context(), faulty{}, inbox.Letter{})
	if err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("got %+v and %v, want an error without a word of the mail", read, err)
	}
}
