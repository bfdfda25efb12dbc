package simulation_test

import (
	"testing"

	"example.org/mend/infra/simulation"
)

func TestPlan(t *testing.T) {
	everyDay := simulation.Shares{Daily: 100}
	p, err := simulation.NewPlan(50_000, everyDay, 200, 60_000, simulation.Price{})
	if err != nil {
		t.Fatal(err)
	}
	if p.LettersADay < 49_990 || p.LettersADay > 50_010 || len(p.Warnings) != 0 {
		t.Errorf("50,000 people with a letter every day: %+v", p)
	}
	if least := float64(p.WorstMinute) / p.Rate; p.LastIsLate < least-1 {
		t.Errorf("the last of %d at %.1f a second is %.0f s late: %.0f at least", p.WorstMinute, p.Rate, p.LastIsLate, least)
	}
	narrow, err := simulation.NewPlan(3_000_000, everyDay, 14, 50_000, simulation.Price{})
	if err != nil || len(narrow.Warnings) != 2 {
		t.Errorf("three million letters a day at 14 a second and 50,000 a day: warned of %v, %v", narrow.Warnings, err)
	}
	if _, err := simulation.NewPlan(10, simulation.Shares{Daily: 80, Weekly: 30}, 14, 0, simulation.Price{}); err == nil {
		t.Error("110 of a hundred people were planned for")
	}
}
