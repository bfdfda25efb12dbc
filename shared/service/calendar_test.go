package service_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
)

func (w *world) feed(link string) (string, time.Time) {
	w.Helper()
	feed, changed, err := w.svc.Account.Calendar(w.Context(), link)
	w.do(err)
	return string(feed), changed
}

// calendarOf is a person's calendar, unfolded into its lines.
func calendarOf(w *world, a account.Access) []string {
	w.Helper()
	link := get(w.svc.Account.Settings(w.Context(), a))(w).Calendar
	raw, _ := w.feed(link)
	for l := range strings.SplitSeq(raw, "\r\n") {
		if len(l) > 75 || strings.ContainsAny(l, "\r\n") {
			w.Errorf("a line of %d octets (RFC 5545 section 3.1): %q", len(l), l)
		}
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimSuffix(raw, "\r\n"), "\r\n ", ""), "\r\n")
	var open []string // components nest and close
	for _, l := range lines {
		if name, ok := strings.CutPrefix(l, "BEGIN:"); ok {
			open = append(open, name)
		} else if name, ok := strings.CutPrefix(l, "END:"); ok {
			if len(open) == 0 || open[len(open)-1] != name {
				w.Fatalf("END:%s closes nothing", name)
			}
			open = open[:len(open)-1]
		}
	}
	if lines[0] != "BEGIN:VCALENDAR" || len(open) != 0 {
		w.Errorf("the calendar is torn: begins %q, left open %q", lines[0], open)
	}
	return lines
}

func has(lines []string, want string) bool {
	for _, l := range lines {
		if l == want {
			return true
		}
	}
	return false
}

func TestTheCalendarSaysWhenAndNothingElse(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:00")
	a := account.Access{Person: w.active(func(f *account.Form) {
		f.Cadence, f.Days, f.Digest = "fortnightly", []string{"mon", "thu"}, true
	}), SignedIn: true}
	get(w.svc.Account.SaveReminder(t.Context(), a, 0, account.Form{
		Words: "Ring Mum", Cadence: "monthly", Day: "31", Time: "02:30", Zone: "America/New_York",
	}))(w)
	lines := calendarOf(w, a)
	for _, want := range []string{
		"DTSTART;TZID=Europe/Berlin:20260302T073000", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=MO",
		"DTSTART;TZID=Europe/Berlin:20260301T073000", "RRULE:FREQ=MONTHLY;BYMONTHDAY=1",
		"DTSTART;TZID=America/New_York:20260228T023000", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1",
		"SUMMARY:Ten minutes", "SUMMARY:The month in review", "SUMMARY:Reminder", "TRANSP:TRANSPARENT",
		"TZID:Europe/Berlin", "TZID:America/New_York",
		"DTSTART:20260329T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", // clocks go forward in Berlin at 02:00
		"DTSTART:20261025T030000", // and back at 03:00
	} {
		if !has(lines, want) {
			t.Errorf("the calendar lacks %q:\n%s", want, strings.Join(lines, "\n"))
		}
	}
	all := strings.ToLower(strings.Join(lines, "\n"))
	for _, secret := range []string{"mum", "ann", annMail, "amends", "trust"} {
		if strings.Contains(all, secret) {
			t.Errorf("the calendar holds %q", secret)
		}
	}
	if got := get(w.svc.Account.Settings(t.Context(), account.Access{Person: a.Person}))(w).Calendar; got != "" {
		t.Error("a letter's link leads to the calendar")
	}

	link := get(w.svc.Account.Settings(t.Context(), a))(w).Calendar
	w.do(w.svc.Account.Stop(t.Context(), a))
	// the link is for good, and the calendar of somebody who stopped is empty
	w.now = w.now.Add(5 * 365 * 24 * time.Hour)
	if all, _ := w.feed(link); strings.Contains(all, "VEVENT") || !strings.Contains(all, "VTIMEZONE") {
		t.Errorf("after a stop the calendar reads\n%s", all)
	}
}

// Each event begins at an instant that the send protocol knows too, also on the day of
// a change of clocks.
func TestTheCalendarBeginsWithTheNextLetter(t *testing.T) {
	w := newWorld(t, "2026-03-27 09:00")
	a := account.Access{Person: w.active(func(f *account.Form) { f.Time = "03:30" }), SignedIn: true}
	for _, paused := range []string{"", "2026-03-29", "2026-06-01"} {
		f := get(w.svc.Account.Settings(t.Context(), a))(w).Form
		f.PauseUntil = paused
		next := w.after(a, w.changeSettings(a, f)).Next
		if want := "DTSTART;TZID=Europe/Berlin:" + next.Format("20060102T150405"); !has(calendarOf(w, a), want) {
			t.Errorf("paused until %q: the calendar lacks %q", paused, want)
		}
	}
}

// A reminder whose only date lies in a pause comes after it, and page and calendar say so.
func TestADateInAPauseIsShownAfterIt(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	a := account.Access{Person: w.active(), SignedIn: true}
	get(w.svc.Account.SaveReminder(t.Context(), a, 0,
		aReminder(func(f *account.Form) { f.Cadence, f.Date = "once", "2026-03-10" })))(w)
	for _, paused := range []string{"", "2026-03-10", "2026-03-20"} {
		f := get(w.svc.Account.Settings(t.Context(), a))(w).Form
		f.PauseUntil = paused
		want := strings.ReplaceAll(max(paused, "2026-03-10"), "-", "") + "T120000"
		reminder := w.after(a, w.changeSettings(a, f)).Reminders[0]
		if got := reminder.Next.Format("20060102T150405"); got != want || len(reminder.Upcoming) != 1 {
			t.Errorf("paused until %q: the page shows %s and %v, want %s", paused, got, reminder.Upcoming, want)
		}
		if !has(calendarOf(w, a), "DTSTART;TZID=Europe/Berlin:"+want) {
			t.Errorf("paused until %q: the calendar lacks %s", paused, want)
		}
	}
}

// A calendar ends, whatever date is asked for: once the changes of the clocks went round for ever
// at the end of a leap year.
func TestTheCalendarEnds(t *testing.T) {
	w := newWorld(t, "2026-03-01 09:00")
	a := account.Access{Person: w.active(), SignedIn: true}
	for i, zone := range []string{
		"Europe/Berlin", "America/New_York", "Australia/Sydney", "Africa/Casablanca", "Asia/Gaza",
	} {
		for j, year := range []string{"2028", "2040"} {
			if i+j > 4 { // ten reminders are the most
				continue
			}
			get(w.svc.Account.SaveReminder(t.Context(), a, 0, account.Form{
				Words: "Ring Mum", Date: year + "-12-31", Cadence: "once", Time: "09:00", Zone: zone,
			}))(w)
		}
	}
	lines := calendarOf(w, a)
	for _, want := range []string{
		"DTSTART;TZID=Europe/Berlin:20401231T090000", "DTSTART:20401028T030000", "DTSTART:20430329T020000",
	} {
		if !has(lines, want) {
			t.Errorf("the calendar lacks %q", want)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := w.svc.Account.Calendar(gone, get(w.svc.Account.Settings(t.Context(), a))(w).Calendar)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("for a program that has gone: %v", err)
	}
}

// Programs fetch a feed every few hours and compare. It changes with the settings, and
// not with each letter.
func TestTheCalendarStaysTheSameUntilSomethingChanges(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	a := account.Access{Person: w.active(), SignedIn: true}
	link := get(w.svc.Account.Settings(t.Context(), a))(w).Calendar
	first, changed := w.feed(link)
	w.until("2026-03-20 12:00")
	later, same := w.feed(link)
	if first != later || !changed.Equal(same) {
		t.Errorf("letters came, and the feed is another one:\n%s\n%s", first, later)
	}
	w.change(a.Person, func(f *account.Form) { f.Time = "21:00" }) // that day's letter has come
	evening, then := w.feed(link)
	if !strings.Contains(evening, "DTSTART;TZID=Europe/Berlin:20260321T210000\r\n") ||
		!strings.Contains(evening, "DTSTAMP:20260320T110000Z\r\n") || !then.Equal(w.now) {
		t.Errorf("after a change at %v, which the feed says was at %v:\n%s", w.now, then, evening)
	}
	w.until("2026-03-22 23:00")
	if again, _ := w.feed(link); again != evening {
		t.Errorf("letters came, and the feed is another one:\n%s\n%s", evening, again)
	}
	w.now = w.now.AddDate(1, 0, 0)
	if _, changed := w.feed(link); changed.Before(at("2027-01-01 00:00")) {
		t.Errorf("it lists the clocks of another year, and says that it changed at %v", changed)
	}
}
