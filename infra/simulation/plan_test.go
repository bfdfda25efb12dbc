package simulation_test

import (
	"math"
	"testing"

	"example.org/mend/infra/simulation"
)

func TestPlan(t *testing.T) {
	everyDay := simulation.Shares{Daily: 100}
	price := simulation.Price{
		PerMillion: simulation.Bill{USDBesidesSES: 1.5, USDSES: 100}, PerThousandReplies: simulation.Bill{USDBesidesSES: 0.01, USDSES: 0.2},
		PerThousandPages: simulation.Bill{USDBesidesSES: 0.005}, IdleMonthUSD: 0.5,
		Kept: simulation.Kept{LetterBytes: 300, ReplyBytes: 600, PersonBytes: 1500},
	}
	p, err := simulation.NewPlan(50_000, everyDay, simulation.Habits{Replies: 50, Pages: 20}, 200, 60_000, price)
	if err != nil {
		t.Fatal(err)
	}
	if p.LettersADay < 49_990 || p.LettersADay > 50_010 || len(p.Warnings) != 0 {
		t.Errorf("50,000 people with a letter every day: %+v", p)
	}
	if least := float64(p.WorstMinute) / p.Rate; p.LastIsLate < least-1 {
		t.Errorf("the last of %d at %.1f a second is %.0f s late: %.0f at least", p.WorstMinute, p.Rate, p.LastIsLate, least)
	}
	millions := 1.5 // letters a month
	near(t, "a month beside SES", p.USDMonth, 0.5+millions*(1.5+500*0.01+200*0.005))
	near(t, "a month of SES", p.USDMonthSES, millions*(100+500*0.2))
	near(t, "GB after a year", p.KeptGB, (50_000*1500+12*1e6*millions*(300+0.5*600))/(1<<30))
	narrow, err := simulation.NewPlan(3_000_000, everyDay, simulation.Habits{}, 14, 50_000, simulation.Price{})
	if err != nil || len(narrow.Warnings) != 2 {
		t.Errorf("three million letters a day at 14 a second and 50,000 a day: warned of %v, %v", narrow.Warnings, err)
	}
	if _, err := simulation.NewPlan(10, simulation.Shares{Daily: 80, Weekly: 30}, simulation.Habits{}, 14, 0, simulation.Price{}); err == nil {
		t.Error("110 of a hundred people were planned for")
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > want/100 {
		t.Errorf("%s: got %.3f, want %.3f", what, got, want)
	}
}
