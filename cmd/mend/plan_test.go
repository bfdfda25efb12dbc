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
	if c.Shares != capacity.UsualShares || c.Habits != capacity.UsualHabits {
		t.Errorf("got %+v and %+v, want %+v and %+v", c.Shares, c.Habits, capacity.UsualShares, capacity.UsualHabits)
	}
}
