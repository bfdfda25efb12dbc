package account

import (
	"context"
	"slices"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// MostWaiting is how many letters of promises and reminders may wait for their day: a stop cancels
// them all in one transaction, which takes a hundred writes.
const MostWaiting = 60

const promiseHour = mend.TimeOfDay(19 * 60) // when a promise is asked about, on its day

// LettersAsking is the letters that wait to ask about a promise.
func LettersAsking(w store.Account, promise mend.ItemID) []mend.ItemID {
	return Waiting(w, func(o mend.OneOff) bool { return o.Kind == mend.PromiseKind && o.Promise == promise })
}

// Waiting is those of the letters that wait for their day.
func Waiting(w store.Account, are func(mend.OneOff) bool) (letters []mend.ItemID) {
	for _, o := range w.OneOffs {
		if are(o) {
			letters = append(letters, o.ID)
		}
	}
	return letters
}

// askAboutPromises adds letters about the open promises that no letter has asked about: a stop
// cancelled those that waited.
func (s *core) askAboutPromises(ctx context.Context, p mend.Person, c *store.Transaction) error {
	promises, err := s.Store.Promises(ctx, p.ID, s.Now())
	if err != nil {
		return err
	}
	slices.SortFunc(promises, func(a, b mend.Promise) int { return a.Due.Days() - b.Due.Days() })
	var letters []mend.OneOff
	taken := promiseEvenings{}
	for _, promise := range promises {
		if !promise.IsOpen() || len(letters) == MostWaiting {
			continue
		}
		asked, err := s.WasAsked(ctx, promise)
		if err != nil {
			return err
		}
		//mutant:never promise: asked about once
		if asked {
			continue
		}
		letters = append(letters, s.AskAbout(p, promise, taken)...)
	}
	c.OneOffs = append(c.OneOffs, letters...)
	return nil
}

// WasAsked reports whether a letter has asked about a promise since its day came: in an earlier
// time zone, or before a pause. A pause lasts a year at most, so no letter waits for longer.
func (s *core) WasAsked(ctx context.Context, promise mend.Promise) (asked bool, err error) {
	first := mend.LatestDate(promise.Due, mend.DateOf(s.Now().UTC()).AddDays(-LongestPause-1))
	err = s.Store.Letters(ctx, promise.Person, first, mend.Date{}, func(l mend.Letter) error {
		asked = asked || l.Of.OneOff == promise.ID && l.Outcome != mend.Expired
		return nil
	})
	return asked, err
}

// AskAbout makes the letter that asks about a promise once, on its day or after a pause; none if
// that is past or the person gets no letters.
func (s *core) AskAbout(p mend.Person, promise mend.Promise, taken promiseEvenings) []mend.OneOff {
	if p.Status != mend.Active {
		return nil
	}
	o := s.OneOff(p, mend.PromiseKind)
	o.Due, o.Date, o.Promise = time.Time{}, promise.Due, promise.ID
	if o = s.Schedule(p, o, taken); o.Due.IsZero() {
		return nil
	}
	return []mend.OneOff{o}
}
