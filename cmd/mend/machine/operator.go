package machine

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/operate"
	"example.org/mend/shared/store"
)

// overview is what the operator's page shows. It holds counts alone: no address, no one's words.
type overview struct {
	operate.State
	Now     time.Time
	Disk    float64 // megabytes of the file
	Days    []day   // oldest first
	Most    int     // of anything on one day, at least 1
	Queues  []depth
	People  map[mend.Status]int
	Paths   map[string]*[stepsShown]int // active people by path and by the steps behind them
	Steps   int                         // how many of them are shown
	Partial bool                        // there are more people than were counted
}

// day is one UTC day: letters, and what came of them.
type day struct {
	dispatch.Audit
	Replies, Bounces int
	X                int // where its bars begin in the chart
}

type depth struct {
	Name          string
	Waiting, Dead int
}

const (
	overviewDays = 28
	stepsShown   = 13 // of a path: none to twelve

	// mostCounted is how many people are read for the page: each costs a few reads.
	mostCounted = 2000
)

// showOperator shows how a machine does.
func (m *Machine) showOperator(w http.ResponseWriter, r *http.Request) error {
	o := overview{Now: m.Clock.Now().UTC(), Most: 1, Steps: stepsShown,
		People: map[mend.Status]int{}, Paths: map[string]*[stepsShown]int{}}
	if info, err := os.Stat(m.Path); err == nil {
		o.Disk = float64(info.Size()) / 1e6
	}
	var err error
	if o.State, err = m.svc.Operate.State(r.Context(), overviewDays); err != nil {
		return err
	}
	for _, name := range local.QueueNames {
		o.Queues = append(o.Queues, depth{name, m.Queues[name].Waiting(), len(m.Queues[name].Dead())})
	}
	for _, audit := range slices.Backward(o.State.Days) {
		o.Days = append(o.Days, day{Audit: audit, X: 24 * len(o.Days)})
	}
	o.Partial, err = m.eachPerson(r.Context(), "", mostCounted, func(a store.Account) error {
		return o.count(r.Context(), m.svc.Store, a)
	})
	if err != nil {
		return err
	}
	for _, d := range o.Days {
		o.Most = max(o.Most, d.Due, d.Replies, d.Bounces)
	}
	return writePage(w, "operator.html", o)
}

// count adds one person, their replies and their bounces.
func (o *overview) count(ctx context.Context, s *store.Store, a store.Account) error {
	id, before := a.Person.ID, mend.LetterKey{Date: mend.DateOf(o.Now).AddDays(-overviewDays)}
	o.People[a.Person.Status]++
	for _, sub := range a.Subscriptions {
		if sub.Number == mend.CheckInNumber && sub.Status == mend.Active {
			if o.Paths[sub.Path] == nil {
				o.Paths[sub.Path] = &[stepsShown]int{}
			}
			o.Paths[sub.Path][min(curriculum.Done(content.Built(), sub), stepsShown-1)]++
		}
	}
	on := func(at time.Time) *day {
		i := slices.IndexFunc(o.Days, func(d day) bool { return d.Day == mend.DateOf(at.UTC()) })
		if i < 0 {
			return &day{} // before the first
		}
		return &o.Days[i]
	}
	return errors.Join(
		s.Letters(ctx, id, before, mend.Date{}, func(l mend.Letter) error {
			on(l.Bounced).Bounces++
			return nil
		}),
		s.Replies(ctx, mend.Reply{Person: id, Of: before}, mend.Date{}, o.Now, func(r mend.Reply) error {
			on(r.At).Replies++
			return nil
		}))
}
