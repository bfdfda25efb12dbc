// Package digest makes the monthly letter's figures, points and quotes from the records of one
// month: a few kind figures, the points of the month's pages, the person's own words, what became
// of their promises, and how they said they were.
//
// [Of] is pure: the same records give the same [Month], in whatever order they come, and whatever
// else they hold (records of other months are passed over, so the caller may read a little too
// much).
//
// There is no score, streak, percentage or comparison here, and nothing about anyone but the
// person. A figure that could not be said aloud to someone who had a bad month is not computed.
package digest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// Limits of a month as the letter shows it.
const (
	MostPoints   = 6   // a page lasts a week, and a month has days of six weeks at most
	MostQuotes   = 5   // own words quoted
	QuoteLength  = 280 // characters (code points) of each
	MostLastYear = 2   // of them quoted from the same month a year ago
)

// Month is one month of one person, ready to be put into words. It holds their words, so it is
// for their letter alone: never log it.
type Month struct {
	First mend.Date // the first day of the month

	Letters int    // check-ins that were accepted for delivery
	Days    int    // on which they wrote words (kept or not), a number, or about a promise
	Moods   []Mood // at most one for a day, the last one said; by date

	Quotes   []Quote // by date; none unless privacy is quotes
	LastYear []Quote // of the same month a year ago, if they opted in and privacy is quotes

	Kept   []Promise // kept in the month, by the day on which they were
	Open   []Promise // due in the month and not kept, by due date: they are named this once and never again
	Coming []Promise // due in the month after, by due date

	Points []string // the advice of the month's pages, in the order in which they came, each once
}

// Mood is how a person said they were on a day: 1 heavy to 5 light.
type Mood struct {
	Date  mend.Date
	Value int
}

// Quote is what a person wrote, cut to [QuoteLength].
type Quote struct {
	Date    mend.Date
	Words   string
	Starred bool
}

// Promise is what a person said they would do. Words are empty unless privacy is quotes.
type Promise struct {
	Words string
	Due   mend.Date
}

// Options are the person's settings and the cards of the month.
type Options struct {
	Privacy  mend.Privacy
	LastYear bool                  // they opted in to seeing the same month a year ago
	Point    func(card int) string // a card's advice; "" passes the card over. nil passes all over
}

// Empty reports whether nothing happened that the letter could show: nothing written, no mood and
// no promise. Letters may have gone out.
func (m Month) Empty() bool {
	return m.Days == 0 && len(m.Moods) == 0 && len(m.Kept) == 0 && len(m.Open) == 0 && len(m.Coming) == 0
}

// Of reads a month. first is any day of it, zone the person's own, in which a promise was kept on a
// day.
//
// Replies that wait under "was this you?" (flagged) count for nothing. Muted ones count and are not
// quoted. Promises that rest until they were looked over, and others in no state that we know, are
// passed over.
func Of(first mend.Date, zone *time.Location, letters []mend.Letter, replies []mend.Reply, promises []mend.Promise,
	opts Options) Month {
	m := Month{First: first.FirstOfMonth()}
	sent := sentIn(m.First, letters)
	mine := writtenIn(m.First, replies)

	m.Letters = len(sent)
	m.Days = days(mine)
	m.Moods = moods(mine)
	if opts.Privacy.Rules().Own {
		m.Quotes = quotes(mine, MostQuotes)
		if opts.LastYear {
			m.LastYear = quotes(writtenIn(mend.Date{Year: m.First.Year - 1, Month: m.First.Month, Day: 1},
				replies), MostLastYear)
		}
	}
	m.promises(promises, zone, opts.Privacy)
	m.Points = points(sent, opts.Point)
	return m
}

// sentIn is the check-ins of the month that were accepted, in order.
func sentIn(first mend.Date, letters []mend.Letter) []mend.Letter {
	sent := slices.DeleteFunc(slices.Clone(letters), func(l mend.Letter) bool {
		return l.Kind != mend.CheckIn || l.Outcome != mend.Accepted || l.Of.Date.FirstOfMonth() != first
	})
	slices.SortFunc(sent, func(a, b mend.Letter) int {
		return cmp.Or(a.Of.Date.Days()-b.Of.Date.Days(), int(a.Of.Subscription)-int(b.Of.Subscription),
			cmp.Compare(a.Of.OneOff, b.Of.OneOff))
	})
	return sent
}

// writtenIn is the replies that came in the month and are surely the person's, in order.
func writtenIn(first mend.Date, replies []mend.Reply) []mend.Reply {
	mine := slices.DeleteFunc(slices.Clone(replies), func(r mend.Reply) bool {
		return r.Flag != mend.NotFlagged || r.Date.FirstOfMonth() != first
	})
	slices.SortFunc(mine, func(a, b mend.Reply) int {
		return cmp.Or(a.Date.Days()-b.Date.Days(), a.At.Compare(b.At), cmp.Compare(a.Hash, b.Hash))
	})
	return mine
}

// days counts the days on which they wrote.
func days(mine []mend.Reply) (n int) {
	var last mend.Date
	for _, r := range mine {
		if (r.Wrote || strings.TrimSpace(r.Words) != "") && r.Date != last {
			n, last = n+1, r.Date
		}
	}
	return n
}

func moods(mine []mend.Reply) []Mood {
	var said []Mood
	for _, r := range mine {
		switch {
		case r.Mood < 1 || r.Mood > 5:
		case len(said) > 0 && said[len(said)-1].Date == r.Date:
			said[len(said)-1].Value = r.Mood
		default:
			said = append(said, Mood{r.Date, r.Mood})
		}
	}
	return said
}

func (m *Month) promises(promises []mend.Promise, zone *time.Location, privacy mend.Privacy) {
	next := m.First.AddDays(m.First.DaysInMonth())
	words := func(p mend.Promise) string {
		if !privacy.Rules().Own {
			return ""
		}
		return Cut(p.Words, QuoteLength)
	}
	byDay := slices.SortedFunc(slices.Values(promises), func(a, b mend.Promise) int {
		return cmp.Or(a.Due.Days()-b.Due.Days(), cmp.Compare(a.ID, b.ID))
	})
	for _, p := range byDay {
		due := p.Due.FirstOfMonth()
		switch open := p.MayBeNamed(); {
		case open && due == m.First:
			m.Open = append(m.Open, Promise{words(p), p.Due})
		case open && due == next:
			m.Coming = append(m.Coming, Promise{words(p), p.Due})
		}
	}
	kept := slices.SortedFunc(slices.Values(promises), func(a, b mend.Promise) int {
		return cmp.Or(a.Closed.Compare(b.Closed), cmp.Compare(a.ID, b.ID))
	})
	for _, p := range kept {
		if p.State == mend.Kept && mend.DateOf(p.Closed.In(zone)).FirstOfMonth() == m.First {
			m.Kept = append(m.Kept, Promise{words(p), p.Due})
		}
	}
}

// points lists the advice of the cards of the letters, each once.
func points(sent []mend.Letter, pointOf func(card int) string) []string {
	if pointOf == nil {
		return nil
	}
	var all []string
	for _, l := range sent {
		if p := pointOf(l.Card); p != "" && !slices.Contains(all, p) && len(all) < MostPoints {
			all = append(all, p)
		}
	}
	return all
}
