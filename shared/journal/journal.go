package journal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// How much of a journal one page shows.
const (
	MostEntries  = 10   // to a page
	MostOfYear   = 1000 // to the page of a whole year
	mostPages    = 2000
	mostMoods    = 60 // the newest
	mostOnDay    = 1  // from earlier years, on this day
	mostAnswered = 50 // promises that are not open any more: the latest
)

// PageRequest says which part of a journal is asked for.
type PageRequest struct {
	Number int    // 1 is the newest page; 0 counts as 1
	Query  string // only the entries that hold all of these words; "" for all
	Year   int    // all entries of this year on one page; 0 for pages of MostEntries
}

// Journal is one page of a signed-in person's own words.
type Journal struct {
	Entries []mend.Reply // newest first
	Leaf    int          // the page's number
	Newer   int          // the number of the page before this one; 0 where there is none
	Older   int          // and of the one after it
	Found   int          // how many entries there are in all, or hold the words of the query
	Today   mend.Date    // in the person's zone
	Days    []mend.Date  // that have an entry, in no order and some of them twice

	// What only the first page has.
	OnThisDay []mend.Reply
	Waiting   []mend.Reply // "was this you?"
	Refused   int          // replies of this kind that were counted and not kept
	Moods     []mend.Reply // the newest that have one, newest first
	Promises  []mend.Promise
	Settings  account.Settings
	CanUndo   bool // this session deleted something within the last ten minutes
}

// Journal reads one page of a person's own words for them, newest first. The first page of all
// entries has what else a journal shows. It requires a session. Errors: [*mend.Error], with
// NotFound for a page that the journal doesn't have.
func (s *Service) Journal(ctx context.Context, a account.Access, page PageRequest) (Journal, error) {
	if !a.SignedIn {
		return Journal{}, mend.ErrSignIn
	}
	p, err := s.Store.Person(ctx, a.Person, s.Now())
	if err != nil {
		return Journal{}, change.GoneIfNotFound(err)
	}
	leaf := max(page.Number, 1)
	j := Journal{Leaf: leaf, Newer: leaf - 1, Today: s.TodayIn(p.Zone)}
	if j.Leaf > mostPages {
		return Journal{}, errNoPage
	}
	entries, onDay, moods := newest{most: j.Leaf * MostEntries}, newest{most: mostOnDay}, newest{most: mostMoods}
	if page.Year != 0 {
		entries.most = MostOfYear
	}
	err = s.Store.Replies(ctx, mend.Reply{Person: a.Person}, mend.Date{}, s.Now(), func(r mend.Reply) error {
		r, ok := store.VisibleReply(p, r, s.Now())
		switch {
		case !ok:
		case r.Flag != mend.NotFlagged:
			j.Waiting = append(j.Waiting, r) // at most MostHeld
		case r.OrdersAlone():
		default:
			j.Days = append(j.Days, r.Date)
			if r.Mood != 0 {
				moods.add(r)
			}
			if Ago(r.Date, j.Today) != "" && r.Words != "" && !r.Muted {
				onDay.add(r)
			}
			if holds(r, page.Query) && (page.Year == 0 || r.Date.Year == page.Year) {
				j.Found++
				entries.add(r)
			}
		}
		return nil
	})
	if err != nil {
		return Journal{}, err
	}
	skip := (j.Leaf - 1) * MostEntries
	if skip > 0 && j.Found <= skip || page.Year != 0 && j.Found == 0 {
		return Journal{}, errNoPage
	}
	if page.Year == 0 && j.Leaf < mostPages && j.Found > j.Leaf*MostEntries {
		j.Older = j.Leaf + 1
	}
	j.Entries = entries.sorted()
	j.Entries = j.Entries[min(skip, len(j.Entries)):]
	if j.Leaf > 1 || page.Query != "" || page.Year != 0 {
		return j, nil
	}
	j.OnThisDay, j.Moods = onDay.sorted(), moods.sorted()
	slices.SortStableFunc(j.Waiting, newerFirst)
	return j, s.readBesides(ctx, a, p, &j)
}

// readBesides reads what the first page shows besides entries.
func (s *Service) readBesides(ctx context.Context, a account.Access, p mend.Person, j *Journal) error {
	held, err := s.Store.Held(ctx, a.Person)
	if err != nil {
		return err
	}
	j.Refused = held.Refused
	if a.Secret != "" {
		if j.CanUndo, err = s.Store.CanUndo(ctx, a.Person, a.Secret, s.Now()); err != nil {
			return err
		}
	}
	if j.Promises, err = s.promisesOf(ctx, p, j.Today); err != nil {
		return err
	}
	j.Settings, err = s.account.Settings(ctx, a)
	return err
}

var errNoPage = &mend.Error{Code: mend.NotFound,
	Sentence: "Your journal doesn’t have this page. Maybe some entries were deleted."}

// newest keeps the newest of many replies, and never twice as many as those.
type newest struct {
	most    int
	replies []mend.Reply
}

func (n *newest) add(r mend.Reply) {
	if n.replies = append(n.replies, r); len(n.replies) >= 2*n.most {
		n.replies = n.sorted()
	}
}

// sorted is those that are kept, newest first.
func (n *newest) sorted() []mend.Reply {
	slices.SortStableFunc(n.replies, newerFirst)
	return slices.Clip(n.replies[:min(n.most, len(n.replies))])
}

func newerFirst(a, b mend.Reply) int { return b.At.Compare(a.At) }

// Ago says how long ago a day was, if today is its day of the year, or of the month a month or six
// months later; else "". In February, the last day stands for those that the month lacks.
func Ago(d, today mend.Date) string {
	months := (today.Year-d.Year)*12 + int(today.Month) - int(d.Month)
	last := today.DaysInMonth()
	switch sameDay := d.Day == today.Day || today.Month == time.February && today.Day == last && d.Day > last; {
	case !sameDay:
		return ""
	case months == 1:
		return "A month ago"
	case months == 6:
		return "Six months ago"
	case months == 12:
		return "A year ago"
	case months > 12 && months%12 == 0:
		return fmt.Sprintf("%d years ago", months/12)
	}
	return ""
}

// holds reports whether a reply or its question holds every word of a query, whatever the case.
func holds(r mend.Reply, query string) bool {
	if query == "" {
		return true
	}
	text := r.Words + "\n" + r.Question
	for _, a := range r.Answers {
		text += "\n" + a.Question + "\n" + a.Words
	}
	text = strings.ToLower(text)
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// promisesOf is a person's promises: open ones due from today on, the next one first; open ones of
// the past, the latest first; and the latest of those that have an answer.
func (s *Service) promisesOf(ctx context.Context, p mend.Person, today mend.Date) ([]mend.Promise, error) {
	all, err := s.Store.Promises(ctx, p.ID, s.Now())
	all = store.VisiblePromises(p, all, s.Now())
	rank := func(p mend.Promise) (r int) {
		if !p.IsOpen() {
			r = 2
		}
		if p.Due.Before(today) {
			r++
		}
		return r
	}
	slices.SortStableFunc(all, func(a, b mend.Promise) int {
		later := a.Due.Days() - b.Due.Days()
		if rank(a) > 0 {
			later = -later
		}
		return cmp.Or(rank(a)-rank(b), later)
	})
	open := 0
	for open < len(all) && all[open].IsOpen() {
		open++
	}
	return all[:min(len(all), open+mostAnswered)], err
}
