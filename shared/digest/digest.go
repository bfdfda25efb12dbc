// Package digest makes the figures and quotes of the monthly letter from the records of one month:
// a few kind figures, the person's own words, what became of their promises, what the cards were
// about, and one question for the next month.
//
// [Of] is pure: the same records give the same [Month], in whatever order they come, and whatever
// else they hold (records of other months are passed over, so the caller may read a little too
// much).
//
// There is no score, streak, percentage or comparison here, and nothing about anybody but the
// person. A figure that could not be said aloud to somebody who had a bad month is not computed.
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
	MostQuotes   = 5   // own words quoted
	QuoteLength  = 280 // characters (code points) of each
	MostLastYear = 2   // of them quoted from the same month a year ago
)

// Month is one month of one person, ready to be put into words. It holds their words, so it is
// for their letter alone: never log it.
type Month struct {
	First mend.Date // the first day of the month

	Letters int // check-ins that were accepted for delivery
	// days on which they wrote: words (whether they are kept or not), a number, something about a
	// promise
	Days  int
	Late  int    // replies among them that answered a letter of an earlier month
	Moods []Mood // at most one for a day, the last one said; by date

	Quotes   []Quote // by date; none unless privacy is quotes
	LastYear []Quote // of the same month a year ago, if they opted in and privacy is quotes

	Kept   []Promise // kept in the month, by the day on which they were
	Open   []Promise // due in the month and not kept, by due date: they are named this once and never again
	Coming []Promise // due in the month after, by due date

	Themes   []string // titles of the month's cards in the order in which they came, each once
	Question string   // one to take along; "" where the month had no card
	Page     string   // the title of the card that it comes from
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
	Privacy   mend.Privacy
	NoContact bool                          // cards that reach somebody are passed over
	LastYear  bool                          // they opted in to seeing the same month a year ago
	Card      func(number int) (Card, bool) // false where the library has no such card (any more); nil: none has
}

// Card is what the digest needs to know of a card.
type Card struct {
	Title     string
	Questions [3]string
	Contact   bool // its practice reaches the other person
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
	m.Days, m.Late = daysAndLate(mine, m.First)
	m.Moods = moods(mine)
	if opts.Privacy.Rules().Own {
		m.Quotes = quotes(mine, MostQuotes)
		if opts.LastYear {
			m.LastYear = quotes(writtenIn(mend.Date{Year: m.First.Year - 1, Month: m.First.Month, Day: 1},
				replies), MostLastYear)
		}
	}
	m.promises(promises, zone, opts.Privacy)
	m.Themes, m.Question, m.Page = themes(sent, mine, opts)
	return m
}

// sentIn is the check-ins of the month that were accepted, in order.
func sentIn(first mend.Date, letters []mend.Letter) []mend.Letter {
	var sent []mend.Letter
	for _, l := range letters {
		if l.Kind == mend.CheckIn && l.Outcome == mend.Accepted && l.Of.Date.FirstOfMonth() == first {
			sent = append(sent, l)
		}
	}
	slices.SortFunc(sent, func(a, b mend.Letter) int {
		return cmp.Or(a.Of.Date.Days()-b.Of.Date.Days(), int(a.Of.Subscription)-int(b.Of.Subscription),
			cmp.Compare(a.Of.OneOff, b.Of.OneOff))
	})
	return sent
}

// writtenIn is the replies that came in the month and are surely the person's, in order.
func writtenIn(first mend.Date, replies []mend.Reply) []mend.Reply {
	var mine []mend.Reply
	for _, r := range replies {
		if r.Flag == mend.NotFlagged && r.Date.FirstOfMonth() == first {
			mine = append(mine, r)
		}
	}
	slices.SortFunc(mine, func(a, b mend.Reply) int {
		return cmp.Or(a.Date.Days()-b.Date.Days(), a.At.Compare(b.At), cmp.Compare(a.Hash, b.Hash))
	})
	return mine
}

func daysAndLate(mine []mend.Reply, first mend.Date) (days, late int) {
	var last mend.Date
	for _, r := range mine {
		if !r.Wrote && strings.TrimSpace(r.Words) == "" {
			continue
		}
		if r.Date != last {
			days, last = days+1, r.Date
		}
		if !r.Of.Date.IsZero() && r.Of.Date.Before(first) {
			late++
		}
	}
	return days, late
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
		switch open := p.State == mend.PromiseOpen || p.State == mend.NotYet; {
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

// themes names the month's cards and finds the question to take along: another question of the card
// that was left without words. Where all were answered it is the one that got the fewest; among
// equals the earliest.
//
// A card's own question rather than a list for digests: it was written for the path, the
// role and the contact that the person has, so it cannot send anybody where their cards would not.
func themes(sent []mend.Letter, mine []mend.Reply, opts Options) (titles []string, question, page string) {
	if opts.Card == nil {
		return nil, "", ""
	}
	written := map[mend.LetterKey]int{}
	for _, r := range mine {
		written[r.Of] += len(strings.Fields(r.Words))
	}
	asked := map[string]bool{}
	for _, l := range sent {
		asked[l.Question] = true
	}
	fewest := -1
	for _, l := range sent {
		c, ok := opts.Card(l.Card)
		if !ok || c.Contact && opts.NoContact {
			continue
		}
		if !slices.Contains(titles, c.Title) {
			titles = append(titles, c.Title)
		}
		if n := written[l.Of]; fewest < 0 || n < fewest {
			if q := another(c.Questions, asked); q != "" {
				fewest, question, page = n, q, c.Title
			}
		}
	}
	return titles, question, page
}

// another is the first of a card's questions that the month did not ask.
func another(questions [3]string, asked map[string]bool) string {
	for _, q := range questions {
		if q != "" && !asked[q] {
			return q
		}
	}
	return ""
}
