package service

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/person"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
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
	e := Export{Person: w.Person, Subscriptions: w.Subscriptions, OneOffs: w.OneOffs}
	var none person.Date
	err = s.Store.Letters(ctx, a.Person, none, none, func(l person.Letter) error {
		e.Letters = append(e.Letters, l)
		return nil
	})
	if err != nil {
		return Export{}, err
	}
	err = s.Store.Replies(ctx, a.Person, none, none, s.Now(), func(r person.Reply) error {
		e.Replies = append(e.Replies, r)
		return nil
	})
	if err != nil {
		return Export{}, err
	}
	slices.SortStableFunc(e.Replies, func(a, b person.Reply) int { return a.At.Compare(b.At) })
	e.Promises, err = s.Store.Promises(ctx, a.Person)
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
	if err := s.Store.Erase(ctx, w.Person, false, now, notices...); err != nil {
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

// AnswerPromise is a person's own word about a promise, from the page that its letter links to, or
// from the journal. Not yet may set a new date (zero: it rests). Errors: [*Error], [Problems].
func (s *Service) AnswerPromise(ctx context.Context, a Access, promise person.Thing, answer person.PromiseState, due person.Date) error {
	if !a.SignedIn && a.Thing != promise {
		return errSignIn
	}
	read, err := s.Store.Promise(ctx, a.Person, promise)
	if errors.Is(err, store.ErrNotFound) {
		return errOldLink
	}
	if err != nil {
		return err
	}
	closed := s.Now()
	switch answer {
	case person.Kept, person.LetGo:
	case person.NotYet:
		if !due.IsZero() {
			return s.postpone(ctx, a.Person, read, due)
		}
		closed = time.Time{}
	default:
		return errNoLink
	}
	err = s.Store.AnswerPromise(ctx, read, answer, closed)
	if errors.Is(err, store.ErrConflict) {
		return errBusy
	}
	return err
}

// postpone gives a promise a new date and asks then, not on the old one.
func (s *Service) postpone(ctx context.Context, id person.ID, promise person.Promise, due person.Date) error {
	_, err := s.change(ctx, id, func(w store.Whole) (*store.Change, error) {
		zone, err := cadence.Zone(w.Person.Zone)
		if err != nil {
			return nil, err
		}
		if today := s.today(zone); due.Before(today) || due.After(today.AddDays(366)) {
			return nil, Problems{"due": "Please choose a day within the coming year."}
		}
		promise.Due, promise.State, promise.Closed = due, person.PromiseOpen, time.Time{}
		c := store.Change{Person: w.Person, Promises: []person.Promise{promise}}
		for _, o := range w.OneOffs {
			if o.Promise == promise.ID {
				c.Cancel = append(c.Cancel, o.ID)
			}
		}
		if len(w.OneOffs)-len(c.Cancel) >= mostWaiting {
			return nil, Problems{"due": "So many promises wait for their day that there is no room for another."}
		}
		c.OneOffs, err = s.askAbout(w.Person, promise)
		return &c, err
	})
	return err
}

// askAgain makes the letters anew that a stop cancelled: of the open promises whose day is still to come.
func (s *Service) askAgain(ctx context.Context, p person.Person) ([]person.OneOff, error) {
	promises, err := s.Store.Promises(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	var letters []person.OneOff
	for _, promise := range promises {
		if promise.State != person.PromiseOpen || len(letters) == mostWaiting {
			continue
		}
		more, err := s.askAbout(p, promise)
		if err != nil {
			return nil, err
		}
		letters = append(letters, more...)
	}
	return letters, nil
}

// promiseHour is when a promise is asked about, on its day.
const promiseHour = person.TimeOfDay(19 * 60)

// askAbout makes the letter that asks about a promise once, on its day; none if that is past
// or the person gets no letters.
func (s *Service) askAbout(p person.Person, promise person.Promise) ([]person.OneOff, error) {
	zone, err := cadence.Zone(p.Zone)
	if err != nil {
		return nil, err
	}
	at := cadence.At(zone, promise.Due, promiseHour)
	if p.Status != person.Active || at.Before(s.Now()) {
		return nil, nil
	}
	o, err := s.oneOff(p, person.PromiseKind)
	if err != nil {
		return nil, err
	}
	o.Due, o.Expires, o.Date = at, at.Add(window), promise.Due
	o.Promise = promise.ID
	return []person.OneOff{o}, nil
}

// PromiseOf reads the promise that a promise letter's link names. Errors: [*Error].
func (s *Service) PromiseOf(ctx context.Context, text string) (Access, person.Promise, error) {
	a, err := s.Link(ctx, token.Promise, text)
	if err != nil {
		return a, person.Promise{}, err
	}
	promise, err := s.Store.Promise(ctx, a.Person, a.Thing)
	if errors.Is(err, store.ErrNotFound) {
		err = errOldLink
	}
	return a, promise, err
}
