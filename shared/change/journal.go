package change

import (
	"context"
	"fmt"

	"example.org/mend/shared/mend"
)

// The journal is what a restore must not undo: an object for each stop, suppression, block and
// erasure, and for each change that asks for less than before, written outside the table before it
// commits; and for each undo, written after. Its key tells all: journal/<instant>/<person>-<what>.
const (
	JournalPrefix = "journal/"
	JournalLayout = "2006-01-02T15:04:05.000Z"

	JournalStop     = "stop"
	JournalUndo     = "undo"
	JournalSuppress = "suppress"
	JournalBounce   = "bounce"
	JournalBlock    = "block"
	JournalErase    = "erase"

	JournalNoContact  = "nocontact"
	JournalEpoch      = "epoch"
	JournalMove       = "move"  // to another address: one that ended
	JournalRestricted = "less"  // see restrictions
	JournalKeep       = "keep-" // and for how long words are kept
)

// restrictions lists the entries for a change after which letters may do less: no contact, a pause,
// less of the person's words, not to the address that they had. A letter as it was before can give
// a person away.
func restrictions(before, after mend.Person) (entries []string) {
	if after.NoContact && !before.NoContact {
		entries = append(entries, JournalNoContact)
	}
	if after.Hold.Until.After(before.Hold.Until) || after.Address != before.Address ||
		after.Privacy.Openness() < before.Privacy.Openness() {
		entries = append(entries, JournalRestricted)
	}
	if after.Epoch != before.Epoch {
		entries = append(entries, JournalEpoch)
	}
	if before.Move.IsOpen() && after.Move != before.Move {
		entries = append(entries, JournalMove)
	}
	return entries
}

// WriteJournal writes down outside the table that letters must not go to a person, before
// that commits: a table restored from a backup is told so again.
func (s *Base) WriteJournal(ctx context.Context, id mend.ID, what string) error {
	if s.quietly {
		return nil
	}
	key := JournalPrefix + s.Now().UTC().Format(JournalLayout) + "/" + string(id) + "-" + what
	if err := s.Blobs.Put(ctx, key, []byte(what)); err != nil {
		return fmt.Errorf("write the restore journal: %w", err)
	}
	return nil
}

// Quiet is the same base without a restore journal, for what the journal itself tells.
func (s *Base) Quiet() *Base {
	quiet := *s
	quiet.quietly = true
	return &quiet
}
