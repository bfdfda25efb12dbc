package service

import (
	"context"
	"errors"
	"slices"
	"strings"

	"example.org/mend/shared/person"
	"example.org/mend/shared/store"
)

// Journal reads a person's own words for them. It wants a session. Errors: [*Error].
func (s *Service) Journal(ctx context.Context, a Access) (Journal, error) {
	e, err := s.Export(ctx, a)
	if err != nil {
		return Journal{}, err
	}
	settings, err := s.Settings(ctx, a)
	if err != nil {
		return Journal{}, err
	}
	j := Journal{Promises: e.Promises, Settings: settings}
	for _, r := range e.Replies {
		first := r.Date.FirstOfMonth()
		if n := len(j.Months); n == 0 || j.Months[n-1].First != first {
			j.Months = append(j.Months, JournalMonth{First: first})
		}
		month := &j.Months[len(j.Months)-1]
		month.Replies = append(month.Replies, r)
	}
	slices.Reverse(j.Months)
	slices.SortStableFunc(j.Promises, func(a, b person.Promise) int {
		if open := boolInt(b.State == person.PromiseOpen) - boolInt(a.State == person.PromiseOpen); open != 0 {
			return open
		}
		return a.Due.Days() - b.Due.Days()
	})
	return j, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Export is everything that we hold of a person.
type Export struct {
	Person        person.Person
	Subscriptions []person.Subscription
	OneOffs       []person.OneOff // still to come
	Letters       []person.Letter // oldest first
	Replies       []person.Reply  // by the day on which they came
	Promises      []person.Promise
	Monthly       store.Monthly // how they want the monthly letter
}

// Export reads everything of a person. It wants a session. Errors: [*Error].
func (s *Service) Export(ctx context.Context, a Access) (Export, error) {
	if !a.SignedIn {
		return Export{}, errSignIn
	}
	w, err := s.Store.Load(ctx, a.Person, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return Export{}, errOldLink
	}
	if err != nil {
		return Export{}, err
	}
	e := Export{Person: w.Person, Subscriptions: w.Subscriptions, OneOffs: w.OneOffs, Monthly: w.Monthly}
	var none person.Date
	err = s.Store.Letters(ctx, a.Person, none, none, func(l person.Letter) error {
		e.Letters = append(e.Letters, l)
		return nil
	})
	if err != nil {
		return Export{}, err
	}
	if e.Replies, err = s.repliesTo(ctx, w.Person, none, none); err != nil {
		return Export{}, err
	}
	slices.SortStableFunc(e.Replies, func(a, b person.Reply) int { return a.At.Compare(b.At) })
	promises, err := s.Store.Promises(ctx, a.Person)
	e.Promises = keptPromises(w.Person, promises, s.Now())
	return e, err
}

// EraseWord is what a person types to erase everything.
const EraseWord = "erase"

// Erase removes everything of a person, at once and for good. It wants a session and the word. Errors: [Problems], [*Error].
func (s *Service) Erase(ctx context.Context, a Access, typed string) error {
	if !a.SignedIn {
		return errSignIn
	}
	if !strings.EqualFold(strings.TrimSpace(typed), EraseWord) {
		return Problems{"confirm": "To erase everything, please type the word “" + EraseWord + "”."}
	}
	if err := s.journal(ctx, a.Person, journalErase); err != nil {
		return err
	}
	for range tries {
		err := s.erase(ctx, a.Person)
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return errBusy
}

func (s *Service) erase(ctx context.Context, id person.ID) error {
	now := s.Now()
	w, err := s.Store.Load(ctx, id, now)
	if errors.Is(err, store.ErrNotFound) { // gone already, or begun and interrupted
		return s.Store.FinishErasure(ctx, id, now)
	}
	if err != nil {
		return err
	}
	var notices []person.OneOff
	if w.Person.Status != person.Suppressed { // to whom nothing is ever sent
		notice, err := s.erasureNotice(w.Person)
		if err != nil {
			return err
		}
		notices = append(notices, notice)
	}
	if err := s.Store.Erase(ctx, w, false, now, notices...); err != nil {
		return err
	}
	s.Log.InfoContext(ctx, "erased", "person", id)
	s.sendNow(ctx, notices)
	return nil
}

// erasureNotice is for nobody that we know any more: it stands under an id of its own.
func (s *Service) erasureNotice(p person.Person) (person.OneOff, error) {
	o, err := s.oneOff(p, person.Notice)
	if err != nil {
		return o, err
	}
	o.Notice = noticeErased
	o.Person, err = s.newID()
	return o, err
}
