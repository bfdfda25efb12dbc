package main

import (
	"testing"

	"github.com/alecthomas/kong"

	"example.org/mend/shared/capacity"
)

// The plot in docs/cost.svg draws what `mend plan` says by itself.
func TestThePlanTakesTheUsualSharesAndHabits(t *testing.T) {
	var c planCmd
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(nil); err != nil {
		t.Fatal(err)
	}
	shares := capacity.Shares{Daily: c.Daily, Weekdays: c.Weekdays, Weekly: c.Weekly}
	habits := capacity.Habits{Replies: c.Replies, Pages: c.Pages}
	if shares != capacity.UsualShares || habits != capacity.UsualHabits {
		t.Errorf("got %+v and %+v, want %+v and %+v", shares, habits, capacity.UsualShares, capacity.UsualHabits)
	}
}
