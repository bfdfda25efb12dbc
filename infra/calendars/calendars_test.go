// Package calendars reads our calendar feed with the programs of other people.
package calendars

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/calendar"
	"example.org/mend/shared/mend"
)

// begin is when the feeds are written: in a common year, with a leap year within the
// three that are read.
var begin = time.Date(2026, time.November, 28, 0, 0, 0, 0, time.UTC)

// zones have what there is of clocks: half hours, changes around midnight and in the south, none at
// all, and rules that no yearly rule describes.
var zones = strings.Fields(`
	Europe/Berlin Europe/London Europe/Dublin Europe/Lisbon Europe/Athens Europe/Moscow Europe/Istanbul Europe/Kyiv Europe/Chisinau
	America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Vancouver America/Winnipeg
	America/Halifax America/St_Johns America/Havana America/Mexico_City America/Sao_Paulo America/Santiago America/Asuncion
	America/Nuuk America/Miquelon Africa/Casablanca Africa/Cairo Africa/Johannesburg Africa/Lagos Asia/Jerusalem Asia/Beirut
	Asia/Gaza Asia/Tehran Asia/Kolkata Asia/Kathmandu Asia/Tokyo Australia/Sydney Australia/Lord_Howe Pacific/Auckland
	Pacific/Chatham Antarctica/Troll UTC`)

// Every cadence in 42 zones, over three years: each program reads the very instants at
// which our letters are due.
func TestOtherProgramsReadWhatWeSend(t *testing.T) {
	tools := os.Getenv("MEND_CALENDARS")
	if tools == "" || testing.Short() {
		t.Skip("MEND_CALENDARS names no folder with ical.js, python-icalendar and ical4j: " +
			"infra/tools/calendars.sh makes it")
	}
	if len(zones) != 42 {
		t.Fatalf("%d zones", len(zones))
	}
	end := begin.AddDate(3, 0, 0)
	var series []calendar.Series
	want := map[string][]int64{}
	for i, zone := range zones {
		for j, c := range everyCadence(zone, i) {
			id := fmt.Sprintf("%d-%d", i, j)
			from, at, ok := cadence.NextAt(c, begin)
			if !ok {
				t.Fatalf("%+v never falls", c)
			}
			series = append(series, calendar.Series{ID: id, Title: "Ten minutes", Cadence: c, From: from})
			for ; ok && at.Before(end); _, at, ok = cadence.NextAt(c, at) {
				want[id] = append(want[id], at.Unix())
			}
		}
	}
	until := strconv.FormatInt(end.Unix(), 10)
	for name, program := range map[string]struct {
		command []string
		except  []string // zones that it cannot read, from anyone
	}{
		"ical.js": {
			[]string{"node", "read.mjs", filepath.Join(tools, "node_modules/ical.js/dist/ical.js")}, nil,
		},
		"python-icalendar and dateutil": {[]string{filepath.Join(tools, "bin/python"), "read.py"}, nil},
		// ical4j takes every summer time to be one hour, and refuses half an hour and two.
		"ical4j": {
			[]string{"java", "-cp", filepath.Join(tools, "jars/*"), "Read.java"},
			[]string{"Australia/Lord_Howe", "Antarctica/Troll"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			some := slices.DeleteFunc(slices.Clone(series), func(s calendar.Series) bool {
				return slices.Contains(program.except, s.Cadence.Zone)
			})
			feed, err := calendar.Feed(t.Context(), some, "letters.example", begin, begin)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "letters.ics")
			if err := os.WriteFile(path, feed, 0o600); err != nil {
				t.Fatal(err)
			}
			args := append(program.command[1:], path, until)
			reader := exec.CommandContext(t.Context(), program.command[0], args...)
			var errs bytes.Buffer
			reader.Stderr = &errs
			out, err := reader.Output()
			if err != nil {
				t.Fatalf("%v\n%.2000s", err, errs.String())
			}
			compare(t, some, want, string(out))
		})
	}
}

// compare holds what a program printed against our own instants. A series may be several events.
func compare(t *testing.T, series []calendar.Series, want map[string][]int64, printed string) {
	got := map[string][]int64{}
	for line := range strings.Lines(printed) {
		field := strings.Fields(line)
		id, _, _ := strings.Cut(field[0], "@")
		parts := strings.Split(id, "-")
		id = strings.Join(parts[:2], "-")
		for _, text := range field[1:] {
			at, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			got[id] = append(got[id], at)
		}
	}
	wrong := 0
	for _, s := range series {
		slices.Sort(got[s.ID])
		if slices.Equal(got[s.ID], want[s.ID]) {
			continue
		}
		if wrong++; wrong > 10 {
			continue
		}
		t.Errorf("%s, %s: %d instants, want %d; %s", cadence.InWords(s.Cadence), s.Cadence.Zone, len(got[s.ID]),
			len(want[s.ID]), firstDifference(got[s.ID], want[s.ID]))
	}
	if wrong > 0 {
		t.Errorf("%d of %d series are read in another way", wrong, len(series))
	}
}

func firstDifference(got, want []int64) string {
	utc := func(times []int64, i int) string {
		if i >= len(times) {
			return "none"
		}
		return time.Unix(times[i], 0).UTC().Format(time.RFC3339)
	}
	for i := 0; ; i++ {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			return fmt.Sprintf("the first difference is %s, want %s", utc(got, i), utc(want, i))
		}
	}
}

// everyCadence lists each kind of cadence with each of its days, at a time of day that differs from
// zone to zone: every sixth of them in a zone, so that each is read in seven, and all zones through
// every change of their clocks by a daily one.
func everyCadence(zone string, n int) []mend.Cadence {
	var all []mend.Cadence
	k := 0
	add := func(c mend.Cadence) {
		if k++; k%6 != n%6 && c.Kind != mend.Daily {
			return
		}
		c.Zone, c.Time = zone, [...]mend.TimeOfDay{7*60 + 30, 21 * 60, 12*60 + 15, 5*60 + 45}[n%4]
		all = append(all, c)
	}
	today := mend.DateOf(begin)
	add(mend.Cadence{Kind: mend.Daily})
	add(mend.Cadence{Kind: mend.Weekly, Every: 1, Days: mend.WorkingDays})
	for day := time.Sunday; day <= time.Saturday; day++ {
		for _, every := range []int{1, 2, 3, 4, 5, 52} {
			add(mend.Cadence{
				Kind:   mend.Weekly,
				Every:  every,
				Days:   mend.OnWeekdays(day),
				Anchor: today.AddDays(int(day)),
			})
			add(mend.Cadence{
				Kind:   mend.Weekly,
				Every:  every,
				Days:   mend.OnWeekdays(day, (day+3)%7),
				Anchor: today.AddDays(int(day)),
			})
		}
		for _, nth := range []int{1, 2, 3, 4, -1} {
			add(mend.Cadence{Kind: mend.ByWeekday, Nth: nth, Days: mend.OnWeekdays(day)})
		}
	}
	for day := 1; day <= 31; day++ {
		add(mend.Cadence{Kind: mend.Monthly, Day: day})
	}
	for month := time.January; month <= time.December; month++ {
		longest := mend.Date{Year: 2028, Month: month, Day: 1}.DaysInMonth()
		for _, day := range []int{1, 28, longest} {
			add(mend.Cadence{Kind: mend.Yearly, Month: month, Day: day})
		}
	}
	for _, days := range []int{1, 91, 400, 1000} {
		add(mend.Cadence{Kind: mend.Once, Anchor: today.AddDays(days)})
	}
	return all
}
