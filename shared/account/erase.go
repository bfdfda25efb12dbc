package account

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// EraseWord is what a person types to erase everything.
const EraseWord = "delete"

// Erase removes everything of a person, at once and for good. It requires a session and the word.
// Errors: [mend.Problems], [*mend.Error].
func (s *Service) Erase(ctx context.Context, a Access, typed string) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	if !strings.EqualFold(strings.TrimSpace(typed), EraseWord) {
		return mend.Problems{"confirm": "To delete everything, please type the word “" + EraseWord + "”."}
	}
	if err := s.WriteJournal(ctx, a.Person, change.JournalErase); err != nil {
		return err
	}
	for _, kind := range copyKinds {
		if err := s.Blobs.Delete(ctx, CopyKey(a.Person, kind)); err != nil {
			return fmt.Errorf("delete a copy: %w", err)
		}
	}
	return change.Retry(func() error {
		w, err := s.Store.Load(ctx, a.Person, s.Now())
		if errors.Is(err, store.ErrNotFound) { // gone already, or begun and interrupted
			return s.Store.FinishErasure(ctx, a.Person, s.Now())
		}
		if err != nil {
			return err
		}
		var notices []mend.OneOff
		if w.Person.Status != mend.Suppressed { // nothing is ever sent to them
			notice := s.Notice(w.Person, change.NoticeErased)
			notice.Person = s.NewID() // its person is gone
			notices = append(notices, notice)
		}
		if err := s.Store.Erase(ctx, w, false, s.Now(), notices...); err != nil {
			return err
		}
		s.Log.InfoContext(ctx, "erased", "person", a.Person)
		s.SendAtOnce(ctx, notices)
		return nil
	})
}

// copyKinds are the files of a copy of everything.
var copyKinds = []string{"json", "md"}

// CopyKey is where an operator's copy of everything lies that is handed over by a link: it
// goes with an erasure.
func CopyKey(id mend.ID, kind string) string { return "export/" + string(id) + "." + kind }
