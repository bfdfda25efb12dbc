// Package calendar writes the dates of letters as an iCalendar feed (RFC 5545), in forms that
// common programs read alike: infra/calendars compares what three of them read with our due dates.
// It is pure: what it is given is all that it knows.
package calendar

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
)

// Series is one series of letters.
type Series struct {
	ID      string // unique within the feed, and the same in each fetch
	Title   string
	Cadence mend.Cadence
	From    mend.Date // no event before it
}

// zoneYears is how many years ahead the feed lists the changes of the clocks. Programs
// fetch it every few hours.
const zoneYears = 3

// Feed writes the series of one person. As long as nothing changes and the year is the same, it
// writes the same bytes: events begin with their From date, not with the next letter, and their
// stamp is the instant of the last change. host makes the ids unique in the world.
//
// Errors: that of ctx, when the program that asked has gone; an unknown zone.
func Feed(ctx context.Context, series []Series, host string, changed, now time.Time) ([]byte, error) {
	w := writer{}
	w.line("BEGIN:VCALENDAR")
	w.line("VERSION:2.0")
	w.line("PRODID:-//Mend//Letters//EN")
	w.line("CALSCALE:GREGORIAN")
	w.line("METHOD:PUBLISH")
	w.line("X-WR-CALNAME:Letters")
	w.line("REFRESH-INTERVAL;VALUE=DURATION:PT6H") // RFC 7986 section 5.7
	events := eventsOf(series)
	years := map[string][2]int{} // the first and last for which the changes of a zone are needed
	for _, e := range events {
		first, last := e.first.Year, max(e.first.Year, now.UTC().Year())+zoneYears
		if span, ok := years[e.Cadence.Zone]; ok {
			first, last = min(first, span[0]), max(last, span[1])
		}
		years[e.Cadence.Zone] = [2]int{first, last}
	}
	if len(events) == 0 { // a calendar has at least one component (RFC 5545 section 3.6)
		years["UTC"] = [2]int{now.UTC().Year(), now.UTC().Year()}
	}
	for _, id := range slices.Sorted(maps.Keys(years)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.zone(id, cadence.StoredZone(id), years[id])
	}
	for _, e := range events {
		w.line("BEGIN:VEVENT")
		w.line("UID:%s@%s", e.ID, host)
		w.line("DTSTAMP:%s", changed.UTC().Format("20060102T150405Z"))
		w.line("LAST-MODIFIED:%s", changed.UTC().Format("20060102T150405Z"))
		// The time on the wall, also where the clocks skip it that day: programs then read it as
		// we do (section 3.3.5).
		w.line("DTSTART;TZID=%s:%04d%02d%02dT%02d%02d00",
			e.Cadence.Zone, e.first.Year, e.first.Month, e.first.Day, e.Cadence.Time/60, e.Cadence.Time%60)
		w.line("DURATION:PT10M")
		w.line("RRULE:%s", e.rule)
		w.line("SUMMARY:%s", e.Title)
		w.line("TRANSP:TRANSPARENT") // the person is not busy then
		w.line("CLASS:PRIVATE")
		w.line("END:VEVENT")
	}
	w.line("END:VCALENDAR")
	return w.out.Bytes(), nil
}

// event is one rule of a series.
type event struct {
	Series
	rule  string
	first mend.Date
}

func eventsOf(series []Series) []event {
	var events []event
	for _, s := range series {
		for i, rule := range cadence.Rules(s.Cadence) {
			first, ok := cadence.Next(s.Cadence, s.From)
			for ok && !rule.Covers(first) {
				first, ok = cadence.Next(s.Cadence, first.AddDays(1))
			}
			if !ok {
				continue
			}
			e := event{s, rule.Text, first}
			if i > 0 {
				e.ID = fmt.Sprintf("%s-%d", s.ID, i+1)
			}
			events = append(events, e)
		}
	}
	return events
}

type writer struct{ out bytes.Buffer }

// zone writes a zone (RFC 5545 section 3.6.5): the offset that holds as the year before the first
// begins, so that no event comes before it, and each change up to the end of the last year. Each
// change is written out: yearly rules describe few zones for long, and programs read them in
// several ways.
func (w *writer) zone(id string, zone *time.Location, years [2]int) {
	from := time.Date(years[0]-1, 1, 1, 0, 0, 0, 0, zone)
	changes := slices.Collect(cadence.Changes(zone, from, time.Date(years[1]+1, 1, 1, 0, 0, 0, 0, time.UTC)))
	_, seconds := from.Zone()
	offset := time.Duration(seconds) * time.Second
	first := cadence.Change{At: from, Before: offset, After: offset}
	w.line("BEGIN:VTIMEZONE")
	w.line("TZID:%s", id)
	w.observance(first, len(changes) > 0 && changes[0].After < offset)
	for _, c := range changes {
		w.observance(c, c.After > c.Before)
	}
	w.line("END:VTIMEZONE")
}

// observance writes the offset that holds from a change on. The time that is ahead is called summer
// time here, also in Ireland and Morocco, whose laws see it the other way around: programs expect
// it.
func (w *writer) observance(c cadence.Change, summer bool) {
	part := "STANDARD"
	if summer {
		part = "DAYLIGHT"
	}
	name, _ := c.At.Zone()
	w.line("BEGIN:%s", part)
	w.line("DTSTART:%s", c.At.UTC().Add(c.Before).Format("20060102T150405")) // in the time before the change
	w.line("TZOFFSETFROM:%s", offsetText(c.Before))
	w.line("TZOFFSETTO:%s", offsetText(c.After))
	w.line("TZNAME:%s", name)
	w.line("END:%s", part)
}

// offsetText is a UTC offset (RFC 5545 section 3.3.14), such as "+0530".
func offsetText(offset time.Duration) string {
	return time.Time{}.In(time.FixedZone("", int(offset.Seconds()))).Format("-0700")
}

// line writes a content line of at most 75 octets, and what is longer on lines that begin with a
// space (RFC 5545 section 3.1).
func (w *writer) line(format string, args ...any) {
	const most = 75
	text := fmt.Sprintf(format, args...)
	for room := most; len(text) > room; room = most - 1 {
		cut := room
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		w.out.WriteString(text[:cut] + "\r\n ")
		text = text[cut:]
	}
	w.out.WriteString(strings.TrimSpace(text) + "\r\n")
}
