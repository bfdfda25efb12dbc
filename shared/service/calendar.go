package service

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// calendarTitles are all that the calendar says of a letter: it may lie open on a kitchen table.
var calendarTitles = map[mend.Kind]string{
	mend.CheckIn: "Ten minutes", mend.Digest: "The month in review", mend.Reminder: "Reminder",
}

// zoneYears is for how many years ahead the calendar tells the changes of the clocks. A feed is fetched every few hours.
const zoneYears = 3

// Calendar is when a person's letters come, as a calendar to subscribe to (RFC 5545): times, and no words. Each series is one
// event with its rule ([cadence.RRULE]) that begins with its next letter, so a pause shows as days left free; somebody who
// gets no letters has an empty one. The link is for good; whoever has it learns when letters come. Errors: [*Error].
//
// It diverges from the send protocol in one thing: on the day of a look back at the month it shows that day's check-in too.
func (s *Service) Calendar(ctx context.Context, text string) ([]byte, error) {
	claims, err := s.verify(token.Calendar, text)
	if err != nil {
		return nil, err
	}
	w, err := s.Store.Load(ctx, claims.Person, s.Now())
	if err != nil {
		return nil, gone(err)
	}
	return s.calendar(w)
}

func (s *Service) calendar(w store.Account) ([]byte, error) {
	now := s.Now()
	var out bytes.Buffer
	line := func(format string, args ...any) { foldLine(&out, fmt.Sprintf(format, args...)) }
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//Mend//Letters//EN")
	line("CALSCALE:GREGORIAN")
	line("METHOD:PUBLISH")
	line("X-WR-CALNAME:Letters")
	line("REFRESH-INTERVAL;VALUE=DURATION:PT6H") // RFC 7986 section 5.7
	zones := map[string]bool{}
	for _, sub := range w.Subscriptions {
		next := nextLetter(sub, now)
		if w.Person.Status != mend.Active || sub.Status != mend.Active || next.IsZero() {
			continue
		}
		zone, err := cadence.Zone(sub.Cadence.Zone)
		if err != nil {
			return nil, err
		}
		if id := sub.Cadence.Zone; !zones[id] {
			zones[id] = true
			zoneLines(line, id, zone, next)
		}
		line("BEGIN:VEVENT")
		line("UID:%s-%d@%s", w.Person.ID, sub.Number, s.ReplyDomain)
		line("DTSTAMP:%s", now.UTC().Format("20060102T150405Z"))
		line("DTSTART;TZID=%s:%s", sub.Cadence.Zone, next.In(zone).Format("20060102T150405"))
		line("DURATION:PT10M")
		line("RRULE:%s", cadence.RRULE(sub.Cadence))
		line("SUMMARY:%s", calendarTitles[sub.Kind])
		line("TRANSP:TRANSPARENT") // nobody is busy at that time
		line("CLASS:PRIVATE")
		line("END:VEVENT")
	}
	if len(zones) == 0 { // a calendar has at least one component (RFC 5545 section 3.6)
		zoneLines(line, "UTC", time.UTC, now)
	}
	line("END:VCALENDAR")
	return out.Bytes(), nil
}

// zoneLines is a zone (RFC 5545 section 3.6.5): the offset that holds at an instant, and each change of it in the years after.
func zoneLines(line func(string, ...any), id string, zone *time.Location, from time.Time) {
	line("BEGIN:VTIMEZONE")
	line("TZID:%s", id)
	observed := func(begins time.Time, before int) {
		at := begins.In(zone)
		name, offset := at.Zone()
		part := "STANDARD"
		if at.IsDST() {
			part = "DAYLIGHT"
		}
		line("BEGIN:%s", part)
		line("DTSTART:%s", begins.UTC().Add(time.Duration(before)*time.Second).Format("20060102T150405")) // in local time before the change
		line("TZOFFSETFROM:%s", offsetText(before))
		line("TZOFFSETTO:%s", offsetText(offset))
		line("TZNAME:%s", name)
		line("END:%s", part)
	}
	begins, ends := from.In(zone).ZoneBounds()
	if begins.IsZero() {
		begins = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	_, offset := from.In(zone).Zone()
	_, before := begins.Add(-time.Second).In(zone).Zone()
	observed(begins, before)
	for last := from.AddDate(zoneYears, 0, 0); !ends.IsZero() && ends.Before(last); _, ends = ends.In(zone).ZoneBounds() {
		observed(ends, offset)
		_, offset = ends.In(zone).Zone()
	}
	line("END:VTIMEZONE")
}

// offsetText is a UTC offset (RFC 5545 section 3.3.14).
func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}

// foldLine writes a content line of at most 75 octets, and what is longer on lines that begin with a space (RFC 5545 section 3.1).
func foldLine(out *bytes.Buffer, text string) {
	const most = 75
	for room := most; len(text) > room; room = most - 1 {
		cut := room
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		out.WriteString(text[:cut] + "\r\n ")
		text = text[cut:]
	}
	out.WriteString(strings.TrimSpace(text) + "\r\n")
}

// calendarLink is the token of a person's calendar.
func (s *Service) calendarLink(id mend.ID) (string, error) {
	return s.sign(token.Claims{Purpose: token.Calendar, Person: id})
}
