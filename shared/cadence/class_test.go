package cadence_test

import (
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"pgregory.net/rapid"
)

// Classes stand in stored keys. A spelling that changes here loses letters there.
func TestClassSpellings(t *testing.T) {
	for _, test := range []struct {
		cadence mend.Cadence
		want    cadence.Class
	}{
		{mend.Cadence{Kind: mend.Daily}, "d"},
		{mend.Cadence{Kind: mend.Weekly, Days: mend.OnWeekdays(time.Sunday), Every: 1}, "w01"},
		{mend.Cadence{Kind: mend.Weekly, Days: mend.WorkingDays, Every: 1}, "w3e"},
		{mend.Cadence{Kind: mend.Weekly, Days: mend.WorkingDays, Every: 3, Anchor: date("2026-07-01")}, "w3e"},
		{mend.Cadence{Kind: mend.Weekly, Days: 127, Every: 1}, "w7f"},
		{mend.Cadence{Kind: mend.Monthly, Day: 1}, "m01"},
		{mend.Cadence{Kind: mend.Monthly, Day: 31}, "m31"},
		{mend.Cadence{Kind: mend.ByWeekday, Days: mend.OnWeekdays(time.Friday), Nth: 2}, "n2:5"},
		{mend.Cadence{Kind: mend.ByWeekday, Days: mend.OnWeekdays(time.Sunday), Nth: -1}, "n-1:0"},
		{mend.Cadence{Kind: mend.Yearly, Month: time.February, Day: 29}, "y02-29"},
		{mend.Cadence{Kind: mend.Yearly, Month: time.December, Day: 3}, "y12-03"},
		{mend.Cadence{Kind: mend.Once, Anchor: date("2026-03-01")}, "o2026-03-01"},
		{mend.Cadence{}, ""},
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

func checkClass(t rapid.TB, c mend.Cadence) {
	class := cadence.ClassOf(c)
	if strings.ContainsAny(string(class), "|# ") {
		t.Fatalf("class %q has a separator of keys in it", class)
	}
	coarse := c.Kind == mend.Weekly && c.Every > 1
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
