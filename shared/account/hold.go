package account

import (
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// The changes below are those that orders and the buttons of the pages share.

// Paused is the change that pauses all letters until a day; the zero date ends a pause.
func (s *core) Paused(w store.Account, until mend.Date) (*store.Transaction, error) {
	pauseAll(&w, until)
	return s.everything(w)
}

// WithRhythm is the change that gives the check-in another rhythm.
func (s *core) WithRhythm(w store.Account, c mend.Cadence) (*store.Transaction, error) {
	checkIn := w.Subscription(mend.CheckInNumber)
	checkIn.Cadence = countedFor(*checkIn, c, s.Now())
	oneADay(&w)
	return s.everything(w)
}

// LeaveOut is the change that leaves out the check-in of a date, and none of those after it.
func LeaveOut(w store.Account, date mend.Date) *store.Transaction {
	checkIn := w.Subscription(mend.CheckInNumber)
	checkIn.PausedUntil = mend.LatestDate(checkIn.PausedUntil, date.AddDays(1))
	return &store.Transaction{Person: w.Person, Subscriptions: []mend.Subscription{*checkIn}}
}

// everything is the change of all subscriptions and of the letters that wait for their day.
func (s *core) everything(w store.Account) (*store.Transaction, error) {
	c := store.Transaction{Person: w.Person, Subscriptions: inUse(w)}
	return &c, s.replan(w, &c)
}
