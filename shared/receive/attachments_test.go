package receive

import (
	"slices"
	"strings"
	"testing"

	"example.org/mend/shared/inbox"
)

func TestAttachmentsAreNamedOnOneLineEachAndNotWithoutEnd(t *testing.T) {
	attachments := []inbox.Attachment{
		{Name: "the lamp.jpg"}, {}, {Name: "two\nlines.txt"}, {Name: strings.Repeat("x", 500)},
	}
	got := namesOf(attachments)
	if len(got) != 3 || got[0] != "the lamp.jpg" || got[1] != "two lines.txt" || len([]rune(got[2])) > 101 {
		t.Errorf("got %q, want the lamp, the two lines as one, and a long name cut", got)
	}
	if got := namesOf(slices.Repeat(attachments, 20)); len(got) != 10 {
		t.Errorf("got %d names, want the first ten", len(got))
	}
}
