package capacity_test

import (
	"math"
	"strings"
	"testing"

	"example.org/mend/shared/capacity"
)

func TestPlan(t *testing.T) {
	everyDay := capacity.Shares{Daily: 100}
	price := capacity.Price{
		PerMillion:         capacity.Bill{USDBesidesSES: 1.5, USDSES: 100},
		PerThousandReplies: capacity.Bill{USDBesidesSES: 0.01, USDSES: 0.2},
		PerThousandPages:   capacity.Bill{USDBesidesSES: 0.005}, IdleMonthUSD: 0.5,
		Kept: capacity.Kept{LetterBytes: 300, ReplyBytes: 600, PersonBytes: 1500},
	}
	p, err := capacity.NewPlan(capacity.Asked{People: 50_000, Quota: 200, DailyQuota: 60_000, Shares: everyDay,
		Habits: capacity.Habits{Replies: 50, Pages: 20}}, price)
	if err != nil {
		t.Fatal(err)
	}
	if p.LettersADay < 49_990 || p.LettersADay > 50_010 || p.Limits[0].Share() > 1 {
		t.Errorf("50,000 people with a letter every day: %+v", p)
	}
	if least := float64(p.WorstMinute) / p.Rate; p.LastIsLate < least-1 {
		t.Errorf("the last of %d at %.1f a second is %.0f s late: %.0f at least", p.WorstMinute, p.Rate, p.LastIsLate,
			least)
	}
	millions := 1.5 // letters a month
	near(t, "a month beside SES", p.USDMonth, 0.5+millions*(1.5+500*0.01+200*0.005))
	near(t, "a month of SES", p.USDMonthSES, millions*(100+500*0.2))
	near(t, "GB after a year", p.KeptGB, (50_000*1500+12*1e6*millions*(300+0.5*600))/(1<<30))
	narrow, err := capacity.NewPlan(
		capacity.Asked{People: 3_000_000, Quota: 14, DailyQuota: 50_000, Shares: everyDay}, capacity.Price{})
	if err != nil || strings.Count(strings.Join(narrow.Say(), "\n"), "TOO MUCH") < 3 || narrow.Limits[0].Share() < 50 {
		t.Errorf("three million letters a day at 14 a second and 50,000 a day: %q, %v", narrow.Say(), err)
	}
	if _, err := capacity.NewPlan(capacity.Asked{People: 10, Quota: 14,
		Shares: capacity.Shares{Daily: 80, Weekly: 30}}, capacity.Price{}); err == nil {
		t.Error("110 of a hundred people were planned for")
	}
}

// A quota that is too small for the day is what breaks first, and then letters expire.
func TestWhatBreaksFirst(t *testing.T) {
	p, err := capacity.NewPlan(
		capacity.Asked{People: 100_000_000, Quota: 1000, Shares: capacity.Shares{Daily: 100}}, capacity.Price{})
	if err != nil {
		t.Fatal(err)
	}
	first := p.Limits[0]
	if first.Share() <= 1 || p.LastIsLate < 6*60*60 {
		t.Errorf("a hundred million people at 1,000 a second: %v first, the latest letter %.0f s late; want too "+
			"much asked", first, p.LastIsLate)
	}
	for i, l := range p.Limits[1:] {
		if l.Share() > p.Limits[i].Share() || l.Has <= 0 || l.Fix == "" {
			t.Errorf("limit %d: %+v, want less used than the one before, and what to do", i+1, l)
		}
	}
	few, err := capacity.NewPlan(
		capacity.Asked{People: 1000, Quota: 14, Shares: capacity.Shares{Daily: 100}}, capacity.Price{})
	if err != nil || few.Limits[0].Share() > 1 {
		t.Errorf("a thousand people at 14 a second: %v, %v, want room", few.Limits[0], err)
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > want/100 {
		t.Errorf("%s: got %.3f, want %.3f", what, got, want)
	}
}
