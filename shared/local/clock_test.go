package local

import (
	"testing"
	"time"
)

// A laptop sleeps at night, and Go's monotonic clock with it. Others find out late what time it is,
// and are set on or back by hours.
func TestTheClockGoesWithTheMachines(t *testing.T) {
	real := time.Date(2026, time.March, 3, 22, 0, 0, 0, time.UTC)
	c := Clock{machine: func() time.Time { return real }}
	c.Jump(real.Add(time.Hour)) // ahead, as a clock that was moved
	for _, step := range []struct {
		what   string
		passes time.Duration
		want   string
	}{
		{"an hour passes", time.Hour, "4 00:00"},
		{"a night passes asleep", 8 * time.Hour, "4 08:00"},
		{"it is set back by two hours", -2 * time.Hour, "4 08:00"},
		{"one of them passes", time.Hour, "4 08:00"},
		{"and the other, and some", 75 * time.Minute, "4 08:15"},
		{"it is set on by a day", 24 * time.Hour, "5 08:15"},
	} {
		real = real.Add(step.passes)
		if got := c.Now().Format("2 15:04"); got != step.want {
			t.Errorf("%s: the clock shows %s, want %s", step.what, got, step.want)
		}
	}
}

// What the machine's clock shows is read without its monotonic part.
func TestTheClockIsTheOneOnTheWall(t *testing.T) {
	var c Clock
	if got := c.wall(); got != got.Round(0) {
		t.Errorf("%v has a monotonic reading, which stands still while the machine sleeps", got)
	}
}
