package account

import (
	"context"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Slower is the next slower rhythm, at the same hour; the day of today where it wants one. A
// monthly one is the slowest.
func Slower(c mend.Cadence, today mend.Date) mend.Cadence {
	next := mend.Cadence{Kind: mend.Weekly, Every: 1, Time: c.Time, Zone: c.Zone}
	days := c.Days.List()
	switch {
	case c.Kind == mend.Daily:
		next.Days = mend.OnWeekdays(today.Weekday())
	case c.Kind == mend.Weekly && c.Every == 1 && len(days) > 1:
		next.Days = mend.OnWeekdays(days[0])
	case c.Kind == mend.Weekly && c.Every == 1:
		next.Days, next.Every = c.Days, 2
		next.Anchor, _ = cadence.Next(c, today.AddDays(7))
	case c.Kind == mend.Weekly:
		next = mend.Cadence{Kind: mend.Monthly, Day: today.Day, Time: c.Time, Zone: c.Zone}
	default:
		return c
	}
	return next
}

// PromptAnswer is an answer to whether the path still fits.
type PromptAnswer string

// The answers.
const (
	StillMending PromptAnswer = "still-mending" // nothing changes
	TheySaidNo   PromptAnswer = "they-said-no"  // as [Service.SaidNo]
	Quieter      PromptAnswer = "quieter"       // the next slower rhythm
	EnoughNow    PromptAnswer = "stop"          // as [Service.Stop]
)

// AnswerPrompt takes an answer from the page that a housekeeping question links to. A link is
// enough. Errors: [mend.Problems], [*mend.Error].
func (s *Service) AnswerPrompt(ctx context.Context, a Access, answer PromptAnswer) error {
	switch answer {
	case StillMending:
		return nil
	case TheySaidNo:
		return s.SaidNo(ctx, a)
	case EnoughNow:
		return s.Stop(ctx, a)
	case Quieter:
	default:
		return mend.Problems{"answer": "Please choose one of the answers."}
	}
	return s.change(ctx, a, func(w store.Account) (*store.Transaction, error) {
		checkIn := w.Subscription(mend.CheckInNumber)
		if checkIn == nil {
			return nil, mend.ErrExpiredLink
		}
		next := Slower(checkIn.Cadence, s.TodayIn(checkIn.Cadence.Zone))
		if next == checkIn.Cadence {
			return nil, nil
		}
		return s.WithRhythm(w, next)
	})
}
