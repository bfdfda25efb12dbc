package service

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
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// calendarTitles say what a letter is where privacy allows titles. Else the calendar shows the cover name alone: it may
// lie open on a kitchen table.
var calendarTitles = map[mend.Kind]string{
	mend.CheckIn: "Ten minutes", mend.Digest: "The month in review", mend.Reminder: "Reminder",
}

// zoneYears is how many years ahead the calendar lists the changes of the clocks. Programs fetch a feed every few hours.
const zoneYears = 3

// Calendar is when a person's letters come, as a calendar to subscribe to (RFC 5545): times, and no words. Each series is one
// event with its rule ([cadence.RRULE]) that begins with its next letter, so a pause shows as days left free; somebody who
// gets no letters has an empty one. The link lasts until the person's next epoch; whoever has it learns when letters come. Errors: [*Error].
//
// It diverges from the send protocol in one thing: on the day of a look back at the month it shows that day's check-in too.
func (s *Service) Calendar(ctx context.Context, text string) ([]byte, error) {
	_, w, err := s.open(ctx, token.Calendar, text)
	if err != nil {
		return nil, err
	}
	return s.calendar(ctx, w)
}

func (s *Service) calendar(ctx context.Context, w store.Account) ([]byte, error) {
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
	events, spans := s.calendarEvents(w, now)
	for _, id := range slices.Sorted(maps.Keys(spans)) {
		if err := ctx.Err(); err != nil { // the program that asked has gone
			return nil, err
		}
		zone, err := cadence.Zone(id)
		if err != nil {
			return nil, err
		}
		zoneLines(line, id, zone, spans[id])
	}
	for _, e := range events {
		line("BEGIN:VEVENT")
		line("UID:%s", e.uid)
		line("DTSTAMP:%s", now.UTC().Format("20060102T150405Z"))
		line("DTSTART;TZID=%s:%s", e.zone, e.local)
		line("DURATION:PT10M")
		line("RRULE:%s", e.rule)
		line("SUMMARY:%s", e.title)
		line("TRANSP:TRANSPARENT") // nobody is busy at that time
		line("CLASS:PRIVATE")
		line("END:VEVENT")
	}
	if len(events) == 0 { // a calendar has at least one component (RFC 5545 section 3.6)
		zoneLines(line, "UTC", time.UTC, [2]int{now.UTC().Year(), now.UTC().Year()})
	}
	line("END:VCALENDAR")
	return out.Bytes(), nil
}

// calendarEvent is one series of letters in the calendar.
type calendarEvent struct {
	uid, zone, local, rule, title string
}

// calendarEvents lists the events of a person's calendar, and the first and the last year that the changes of each zone are
// needed for.
func (s *Service) calendarEvents(w store.Account, now time.Time) (events []calendarEvent, spans map[string][2]int) {
	spans = map[string][2]int{}
	if w.Person.Status != mend.Active {
		return nil, spans
	}
	for _, sub := range w.Subscriptions {
		date, ok := nextDate(sub, now)
		if sub.Status != mend.Active || !ok {
			continue
		}
		span, ok := spans[sub.Cadence.Zone]
		if !ok {
			span = [2]int{date.Year, date.Year}
		}
		last := max(date.Year, now.UTC().Year()) + zoneYears
		spans[sub.Cadence.Zone] = [2]int{min(span[0], date.Year), max(span[1], last)}
		events = append(events, calendarEvent{
			uid: fmt.Sprintf("%s-%d@%s", w.Person.ID, sub.Number, s.ReplyDomain), zone: sub.Cadence.Zone,
			// The time on the wall, also where the clocks skip it that day: calendars then read it as we do (section 3.3.5).
			local: strings.ReplaceAll(date.String(), "-", "") + "T" + strings.ReplaceAll(sub.Cadence.Time.String(), ":", "") + "00",
			rule:  cadence.RRULE(sub.Cadence), title: calendarTitle(sub),
		})
	}
	return events, spans
}

// zoneLines writes a zone (RFC 5545 section 3.6.5): the offset that holds as the year before the first begins, so that no event
// comes before it, and each change up to the end of the last year.
func zoneLines(line func(string, ...any), id string, zone *time.Location, years [2]int) {
	from := time.Date(years[0]-1, 1, 1, 0, 0, 0, 0, zone)
	line("BEGIN:VTIMEZONE")
	line("TZID:%s", id)
	_, first := from.Zone()
	observance(line, from, first)
	for c := range cadence.Changes(zone, from, time.Date(years[1]+1, 1, 1, 0, 0, 0, 0, time.UTC)) {
		observance(line, c.At, int(c.Before/time.Second))
	}
	line("END:VTIMEZONE")
}

// observance writes the offset that holds from an instant on, and the one in seconds that held before.
func observance(line func(string, ...any), at time.Time, before int) {
	name, offset := at.Zone()
	part := "STANDARD"
	if at.IsDST() {
		part = "DAYLIGHT"
	}
	line("BEGIN:%s", part)
	line("DTSTART:%s", at.UTC().Add(time.Duration(before)*time.Second).Format("20060102T150405")) // in the time before the change
	line("TZOFFSETFROM:%s", offsetText(before))
	line("TZOFFSETTO:%s", offsetText(offset))
	line("TZNAME:%s", name)
	line("END:%s", part)
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

// calendarTitle is what the calendar says of a letter.
func calendarTitle(sub mend.Subscription) string {
	if sub.Privacy.Rules().Titles {
		return calendarTitles[sub.Kind]
	}
	return mend.CoverOf(sub.Cover)
}
