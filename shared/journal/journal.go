package journal

import (
	"context"
	"slices"
	"strings"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
)

// How much of a journal one page shows.
const (
	MostEntries  = 20 // to a page
	mostPages    = 1000
	mostMoods    = 60 // the newest
	mostAnswered = 50 // promises that are not open any more: the latest
)

// PageRequest says which part of a journal is asked for.
type PageRequest struct {
	Number int    // 1 is the newest; 0 counts as 1
	Query  string // entries that hold all of these words alone; "" for all
}

// Journal reads one page of a person's own words for them. It wants a session. Errors: [*mend.Error], with
// NotFound for a page that the journal does not have.
func (s *Service) Journal(ctx context.Context, a account.Access, leaf PageRequest) (Journal, error) {
	if !a.SignedIn {
		return Journal{}, mend.ErrSignIn
	}
	p, err := s.Store.Person(ctx, a.Person, s.Now())
	if err != nil {
		return Journal{}, change.GoneIfNotFound(err)
	}
	j := Journal{Leaf: max(leaf.Number, 1)}
	if j.Leaf > mostPages {
		return Journal{}, errNoPage
	}
	newest := newest{most: j.Leaf * MostEntries}
	err = s.Store.RepliesAfter(ctx, mend.Reply{Person: a.Person}, s.Now(), func(r mend.Reply) error {
		r, ok := change.VisibleReply(p, r, s.Now())
		switch {
		case !ok:
		case r.Flag != mend.NotFlagged:
			j.Waiting = append(j.Waiting, r) // at most MostHeld
		default:
			if r.Mood != 0 {
				j.Moods = append(j.Moods, Mood{Date: r.Date, Mood: r.Mood, At: r.At})
			}
			if holds(r, leaf.Query) {
				j.Found++
				newest.add(r)
			}
		}
		return nil
	})
	if err != nil {
		return Journal{}, err
	}
	slices.SortStableFunc(j.Moods, func(a, b Mood) int { return a.At.Compare(b.At) })
	j.Moods = j.Moods[max(0, len(j.Moods)-mostMoods):]
	if j.Leaf > 1 && j.Found <= (j.Leaf-1)*MostEntries {
		return Journal{}, errNoPage
	}
	j.More = j.Leaf < mostPages && j.Found > j.Leaf*MostEntries
	j.Months = months(newest.leaf(j.Found, j.Leaf))
	held, err := s.Store.Held(ctx, a.Person)
	if err != nil {
		return Journal{}, err
	}
	j.Refused = held.Refused
	if a.Secret != "" {
		if j.CanUndo, err = s.Store.CanUndo(ctx, a.Person, a.Secret, s.Now()); err != nil {
			return Journal{}, err
		}
	}
	if j.Promises, err = s.promisesOf(ctx, p); err != nil {
		return Journal{}, err
	}
	j.Settings, err = s.account.Settings(ctx, a)
	return j, err
}

var errNoPage = &mend.Error{Code: mend.NotFound, Sentence: "Your journal doesn’t have this page. Maybe some entries were deleted."}

// newest keeps the newest of many replies, and never many more than those.
type newest struct {
	most    int
	replies []mend.Reply
}

func (n *newest) add(r mend.Reply) {
	if n.replies = append(n.replies, r); len(n.replies) >= 2*n.most {
		n.cut()
	}
}

func (n *newest) cut() {
	slices.SortStableFunc(n.replies, func(a, b mend.Reply) int { return a.At.Compare(b.At) })
	n.replies = slices.Delete(n.replies, 0, max(0, len(n.replies)-n.most))
}

// leaf is one leaf of them, oldest first.
func (n *newest) leaf(found, number int) []mend.Reply {
	n.cut()
	newer := (number - 1) * MostEntries
	return n.replies[:max(0, min(len(n.replies), found)-newer)]
}

// months parts replies by the month in which they came, the newest month first.
func months(replies []mend.Reply) []JournalMonth {
	var all []JournalMonth
	for _, r := range replies {
		first := r.Date.FirstOfMonth()
		if n := len(all); n == 0 || all[n-1].First != first {
			all = append(all, JournalMonth{First: first})
		}
		month := &all[len(all)-1]
		month.Replies = append(month.Replies, r)
	}
	slices.Reverse(all)
	return all
}

// holds reports whether a reply or its question holds every word of a query, whatever the case.
func holds(r mend.Reply, query string) bool {
	if query == "" {
		return true
	}
	var text strings.Builder
	for _, s := range []string{r.Words, r.Question} {
		text.WriteString(strings.ToLower(s) + "\n")
	}
	for _, a := range r.Answers {
		text.WriteString(strings.ToLower(a.Question + "\n" + a.Words + "\n"))
	}
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text.String(), word) {
			return false
		}
	}
	return true
}

// promisesOf is a person's promises, open ones first, then by due date; of those that were answered the latest.
func (s *Service) promisesOf(ctx context.Context, p mend.Person) ([]mend.Promise, error) {
	all, err := s.Store.Promises(ctx, p.ID, s.Now())
	all = change.VisiblePromises(p, all, s.Now())
	slices.SortStableFunc(all, func(a, b mend.Promise) int {
		if open := boolInt(b.State == mend.PromiseOpen) - boolInt(a.State == mend.PromiseOpen); open != 0 {
			return open
		}
		return a.Due.Days() - b.Due.Days()
	})
	open := 0
	for open < len(all) && all[open].State == mend.PromiseOpen {
		open++
	}
	return slices.Delete(all, open, max(open, len(all)-mostAnswered)), err
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
