package cadence_test

import (
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/person"
	"pgregory.net/rapid"
)

// Classes stand in stored keys. A spelling that changes here loses letters there.
func TestClassSpellings(t *testing.T) {
	for _, test := range []struct {
		cadence person.Cadence
		want    cadence.Class
	}{
		{person.Cadence{Kind: person.Daily}, "d"},
		{person.Cadence{Kind: person.Weekly, Days: person.OnWeekdays(time.Sunday), Every: 1}, "w01"},
		{person.Cadence{Kind: person.Weekly, Days: person.WorkingDays, Every: 1}, "w3e"},
		{person.Cadence{Kind: person.Weekly, Days: person.WorkingDays, Every: 3, Anchor: date("2026-07-01")}, "w3e"},
		{person.Cadence{Kind: person.Weekly, Days: 127, Every: 1}, "w7f"},
		{person.Cadence{Kind: person.Monthly, Day: 1}, "m01"},
		{person.Cadence{Kind: person.Monthly, Day: 31}, "m31"},
		{person.Cadence{Kind: person.ByWeekday, Days: person.OnWeekdays(time.Friday), Nth: 2}, "n2:5"},
		{person.Cadence{Kind: person.ByWeekday, Days: person.OnWeekdays(time.Sunday), Nth: -1}, "n-1:0"},
		{person.Cadence{Kind: person.Yearly, Month: time.February, Day: 29}, "y02-29"},
		{person.Cadence{Kind: person.Yearly, Month: time.December, Day: 3}, "y12-03"},
		{person.Cadence{Kind: person.Once, Anchor: date("2026-03-01")}, "o2026-03-01"},
		{person.Cadence{}, ""},
	} {
		if got := cadence.ClassOf(test.cadence); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.cadence, got, test.want)
		}
	}
}

// A class never hides a date from a cadence; and apart from the number of weeks it is exact.
func TestClassMayFall(t *testing.T) {
	for _, c := range rules() {
		checkClass(t, c)
	}
	rapid.Check(t, func(t *rapid.T) {
		checkClass(t, anyCadence(rapid.IntRange(2027, 2029)).Draw(t, "cadence"))
	})
}

func checkClass(t rapid.TB, c person.Cadence) {
	class := cadence.ClassOf(c)
	if strings.ContainsAny(string(class), "|# ") {
		t.Fatalf("class %q has a separator of keys in it", class)
	}
	coarse := c.Kind == person.Weekly && c.Every > 1
	for d := date("2027-01-01"); d.Year < 2030; d = d.AddDays(1) {
		falls, may := cadence.Falls(c, d), class.MayFall(d)
		if falls && !may {
			t.Fatalf("%v falls on %v, its class %q may not", c, d, class)
		}
		if may && !falls && !coarse {
			t.Fatalf("class %q may fall on %v, %v does not", class, d, c)
		}
	}
}

func TestUnknownClassMayFallAnyDay(t *testing.T) {
	for _, class := range []cadence.Class{"", "x", "w1", "m3", "n9", "z2030-01-01", "future:7"} {
		if !class.MayFall(date("2026-07-01")) {
			t.Errorf("class %q: got false, want true", class)
		}
	}
}

func FuzzMayFall(f *testing.F) {
	for _, c := range oneOfEach {
		f.Add(string(cadence.ClassOf(c)))
	}
	f.Fuzz(func(t *testing.T, class string) {
		cadence.Class(class).MayFall(date("2028-02-29")) // must not panic, whatever a key holds
	})
}

func BenchmarkClassOf(b *testing.B) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		cadence.ClassOf(oneOfEach[i%len(oneOfEach)])
	}
}
