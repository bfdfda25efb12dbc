package account

import (
	"context"
	"slices"
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Suppress ends all letters to a person and blocks the address.
func (s *Service) Suppress(ctx context.Context, id mend.ID, bounced bool) error {
	what := change.JournalSuppress
	if bounced {
		what = change.JournalBounce
	}
	if err := s.WriteJournal(ctx, id, what); err != nil {
		return err
	}
	_, err := s.Change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		record, err := s.Store.Address(ctx, w.Person.Address)
		if err != nil || w.Person.Status == mend.Suppressed && (record.Bounced || !bounced) {
			return nil, err
		}
		record.Blocked, record.Bounced = true, record.Bounced || bounced
		c := s.StopChange(w, mend.Suppressed)
		c.Address = &record
		return c, nil
	})
	return change.IgnoreGone(err)
}

// A mailbox that takes no letters for now may be full, or gone without saying so. After several
// letters in a row that came back, on several days, all letters are put on hold. After that, one
// more that comes back puts them on hold again.
const (
	mostSoftBounces = 5
	onDays          = 3
	restFor         = 14  // days
	bouncesWithin   = 400 // days; a monthly letter needs five months
)

// SoftBounce notes a letter that came back for now, and may put all letters on hold.
func (s *Service) SoftBounce(ctx context.Context, id mend.ID, of mend.LetterKey, at time.Time) error {
	if err := s.Store.Note(ctx, id, of, store.Bounced, at); err != nil {
		return err
	}
	var letters []mend.Letter
	from := mend.LetterKey{Date: of.Date.AddDays(-bouncesWithin)}
	err := s.Store.Letters(ctx, id, from, mend.Date{}, func(l mend.Letter) error {
		letters = append(letters, l)
		return nil
	})
	if err != nil || !cameBack(letters) {
		return err
	}
	var until mend.Date
	_, err = s.Change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		today := s.TodayIn(w.Person.Zone)
		if until = today.AddDays(restFor); w.Person.Status != mend.Active || w.Person.Hold.Covers(today) {
			until = mend.Date{}
			return nil, nil
		}
		pauseAll(&w, mend.Hold{Until: until, Why: mend.Bouncing})
		return s.changeAll(w), nil
	})
	if err != nil || until.IsZero() {
		return change.IgnoreGone(err)
	}
	s.Log.WarnContext(ctx, "letters rest: the mailbox takes none", "person", id, "until", until)
	return s.Store.RegisterRest(ctx, id, s.Now().Add(restFor*24*time.Hour))
}

// cameBack reports whether enough of a person's newest letters came back. One that arrived ends the
// row; one that nothing was heard of does not count.
func cameBack(letters []mend.Letter) bool {
	count, days := 0, map[mend.Date]bool{}
	for _, l := range slices.Backward(letters) {
		if l.Bounced.IsZero() {
			if !l.Delivered.IsZero() {
				break
			}
			continue
		}
		count++
		days[l.Of.Date] = true
	}
	return count >= mostSoftBounces && len(days) >= onDays
}
