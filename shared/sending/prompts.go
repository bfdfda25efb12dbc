package sending

import (
	"context"
	"errors"
	"slices"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// The path over time: what rides along with a check-in, and when letters end by themselves.
const (
	stillFits = "still-fits"
	slower    = "slower"

	slowerAfter   = 60  // days without a word, and
	slowerLetters = 8   // letters
	slowerWithin  = 45  // days in which the offer is made then, or not at all
	goodbyeAfter  = 365 // days without a word
	settlingIn    = 60  // days before anyone is asked whether the path fits
)

// errNoLetter is an occurrence that has no letter: a digest of a quiet month, or whatever
// would follow a goodbye.
var errNoLetter = errors.New("there is no letter this time")

// errQuietMonth is a digest that is left out, because the person wants none about a month
// with nothing to show.
var errQuietMonth = errors.New("the month has nothing to show")

// silentSince is the day from which on a person's silence counts: their last word, their first
// letter, or the end of a pause, which costs nothing.
func silentSince(sub mend.Subscription) mend.Date {
	return mend.LatestDate(sub.LastReply, sub.FirstDate, sub.Hold.Until)
}

// silentForAYear reports whether it is time for a goodbye.
func silentForAYear(checkIn mend.Subscription, date mend.Date) bool {
	return date.Days()-silentSince(checkIn).Days() >= goodbyeAfter
}

// timeForGoodbye looks closer: no one gets a goodbye while a letter waits to ask about a promise.
func timeForGoodbye(w store.Account, date mend.Date) bool {
	checkIn := w.CheckIn()
	asks := slices.ContainsFunc(w.OneOffs, func(o mend.OneOff) bool { return o.Kind == mend.PromiseKind })
	return checkIn.Status == mend.Active && silentForAYear(*checkIn, date) && !asks
}

// choosePrompt decides what a check-in asks about the path as a whole, at most once a month. It
// reads the table only if the subscription doesn't rule a question out. The claim writes the
// choice.
func (s *Service) choosePrompt(
	ctx context.Context, sub mend.Subscription, kind curriculum.Kind, date mend.Date,
) (*store.PromptChange, error) {
	offer, ask := slowerFits(sub, date) && !kind.LooksBack(), fitIsOpen(sub, kind, date)
	if again := sub.LastDate == date; !offer && !ask && !again { // again: the claim was released
		return nil, nil
	}
	last, err := s.Store.LastPrompt(ctx, sub.Person)
	if err != nil {
		return nil, err
	}
	now := last
	now.Date = date
	switch {
	case last.Date.FirstOfMonth() == date.FirstOfMonth():
		return nil, nil
	case offer && last.Slower.Before(silentSince(sub)):
		now.Name, now.Slower = slower, date
	case ask:
		now.Name = stillFits
	default:
		return nil, nil
	}
	return &store.PromptChange{Last: last, Now: now}, nil
}

// slowerFits reports whether eight letters and sixty days went by without a word, not long ago, and
// there is a slower rhythm.
func slowerFits(sub mend.Subscription, date mend.Date) bool {
	since := silentSince(sub)
	days := date.Days() - since.Days()
	if days < slowerAfter || days >= goodbyeAfter || cadence.Slower(sub.Cadence, date) == sub.Cadence {
		return false
	}
	from := since
	if since == sub.LastReply {
		from = since.AddDays(1)
	}
	var eighth mend.Date
	for range slowerLetters {
		next, ok := cadence.Next(sub.Cadence, from)
		if !ok || !next.Before(date) {
			return false
		}
		eighth, from = next, next.AddDays(1)
	}
	began := mend.LatestDate(eighth, since.AddDays(slowerAfter))
	return date.Days()-began.Days() <= slowerWithin
}

// fitIsOpen reports whether this letter asks if the path still fits: a look back does, and so does
// the first letter of a calendar quarter to someone who has settled in.
func fitIsOpen(sub mend.Subscription, kind curriculum.Kind, date mend.Date) bool {
	if kind.LooksBack() {
		return true
	}
	if sub.LastDate.IsZero() || date.Days()-sub.FirstDate.Days() < settlingIn {
		return false
	}
	quarter := func(d mend.Date) int { return d.Year*4 + (int(d.Month)-1)/3 }
	return quarter(date) != quarter(sub.LastDate)
}

// sayGoodbye ends letters after a year of silence, with a last one that says so. What was written
// since the sender looked counts. It reports whether letters have ended.
func (s *Service) sayGoodbye(ctx context.Context, id mend.ID, date mend.Date) (ended bool, err error) {
	w, err := s.Store.Load(ctx, id, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	if err != nil || !timeForGoodbye(w, date) {
		return false, err
	}
	if err := s.WriteJournal(ctx, id, change.JournalStop); err != nil {
		return false, err
	}
	w, err = s.Change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		if w.Person.Status != mend.Active || !timeForGoodbye(w, date) {
			return nil, nil
		}
		c := s.account.StopChange(w, mend.Stopped)
		c.OneOffs = []mend.OneOff{s.Notice(c.Person, change.NoticeGoodbye)}
		return c, nil
	})
	if err != nil {
		return false, err
	}
	if w.Person.Status == mend.Active { // a word came at the last moment
		return false, s.WriteJournal(ctx, id, change.JournalUndo)
	}
	s.Log.InfoContext(ctx, "goodbye", "person", id)
	return true, nil
}
