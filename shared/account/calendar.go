package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/calendar"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// calendarTitles say what a letter is where privacy allows titles. Else the calendar shows the
// cover name alone: it may lie open on a kitchen table.
var calendarTitles = map[mend.Kind]string{
	mend.CheckIn: "Ten minutes", mend.Digest: "The month in review", mend.Reminder: "Reminder",
}

// Calendar is when a person's letters come, as a calendar to subscribe to: times, and no words. It
// is empty for someone who gets no letters. The link lasts until the person's next epoch.
//
// A series begins with its first date after the last change of the settings, or with the end of a
// pause. So the feed stays the same until something changes, and changed says when that was.
// Errors: [*mend.Error].
//
// It shows the check-ins that a digest replaces, too.
func (s *Service) Calendar(ctx context.Context, text string) (feed []byte, changed time.Time, err error) {
	_, w, err := s.open(ctx, token.Calendar, text)
	if err != nil {
		return nil, time.Time{}, err
	}
	now, since := s.Now(), w.Person.Changed
	if since.IsZero() { // stored before Changed was
		since = w.Person.Created
	}
	var series []calendar.Series
	for _, sub := range w.Subscriptions {
		if w.Person.Status != mend.Active || sub.Status != mend.Active {
			continue
		}
		sub = afterPause(w, sub)
		from, ok, err := s.firstSince(ctx, sub, since)
		if err != nil {
			return nil, time.Time{}, err
		}
		title := mend.CoverOf(sub.Cover)
		if sub.Privacy.Rules().Titles {
			title = calendarTitles[sub.Kind]
		}
		if ok {
			series = append(series, calendar.Series{
				ID: fmt.Sprintf("%s-%d", w.Person.ID, sub.Number), Title: title,
				Cadence: sub.Cadence, From: from,
			})
		}
	}
	if feed, err = calendar.Feed(ctx, series, s.ReplyDomain, since, now); err != nil {
		return nil, time.Time{}, err
	}
	// From the turn of the year on it lists the clocks of one more year.
	turnOfYear := time.Date(now.UTC().Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
	if changed = since; changed.Before(turnOfYear) {
		changed = turnOfYear
	}
	return feed, changed, nil
}

// firstSince is the date of a subscription's first letter after its settings changed, sent by now
// or not; false if there is none.
func (s *Service) firstSince(ctx context.Context, sub mend.Subscription, changed time.Time) (mend.Date, bool, error) {
	sub.LastDate = mend.Date{} // that is of today, and the calendar begins with the change
	date, ok := nextDate(sub, changed)
	if !ok || date != mend.DateOf(changed.In(cadence.StoredZone(sub.Cadence.Zone))) || sub.Hold.IsOpen() {
		return date, ok && !sub.Hold.IsOpen(), nil
	}
	letter, err := s.Store.Letter(ctx, sub.Person, mend.LetterKey{Date: date, Subscription: sub.Number})
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return mend.Date{}, false, err
	case letter.At.Before(changed): // the letter of that day had come already
		sub.FirstDate = date.AddDays(1)
		date, ok = nextDate(sub, changed)
	}
	return date, ok, nil
}
