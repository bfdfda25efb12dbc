package machine

import (
	"context"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/operate"
	"example.org/mend/shared/store"
)

// overview is what the operator's page shows. It holds counts alone: no address, nobody's words.
type overview struct {
	operate.State
	Now     time.Time
	Disk    int64 // bytes of the file
	Days    []day // oldest first
	Most    int   // of anything on one day
	Queues  []depth
	People  map[mend.Status]int
	Paths   []pathCount // of active people
	Partial bool        // there are more people than were counted
}

// day is one UTC day: letters, and what came of them.
type day struct {
	dispatch.Audit
	Replies, Bounces int
}

type depth struct {
	Name          string
	Waiting, Dead int
}

// pathCount is how many active people are at one step of a path; step 13 is after the twelve.
type pathCount struct {
	Path  string
	Steps [stepsShown]int
}

const (
	overviewDays = 28
	stepsShown   = 13

	// mostCounted is how many people are read for the page: each costs a few reads.
	mostCounted = 2000
)

// showOperator shows how a machine does.
func showOperator(m *Machine) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		o, err := overviewOf(r.Context(), m)
		if err != nil {
			m.fail(w, r, err)
			return
		}
		m.page(w, r, "operator.html", o)
	}
}

func overviewOf(ctx context.Context, m *Machine) (overview, error) {
	o := overview{Now: m.Clock.Now().UTC(), People: map[mend.Status]int{}}
	if info, err := os.Stat(m.Path()); err == nil {
		o.Disk = info.Size()
	}
	var err error
	if o.State, err = m.svc.Operate.State(ctx, overviewDays); err != nil {
		return o, err
	}
	for _, name := range QueueNames {
		dead, err := m.Queues[name].Dead(ctx)
		if err != nil {
			return o, err
		}
		o.Queues = append(o.Queues, depth{name, m.Queues[name].Waiting(), len(dead)})
	}
	for _, audit := range slices.Backward(o.State.Days) {
		o.Days = append(o.Days, day{Audit: audit})
	}
	if err := o.countPeople(ctx, m); err != nil {
		return o, err
	}
	for _, d := range o.Days {
		o.Most = max(o.Most, d.Due, d.Replies, d.Bounces)
	}
	return o, nil
}

// countPeople adds up people, their replies and their bounces.
func (o *overview) countPeople(ctx context.Context, m *Machine) error {
	from := mend.DateOf(o.Now).AddDays(1 - overviewDays)
	on := func(at time.Time) *day {
		for i := range o.Days {
			if o.Days[i].Day == mend.DateOf(at.UTC()) {
				return &o.Days[i]
			}
		}
		return &day{} // before the first
	}
	paths := map[string]*pathCount{}
	var err error
	o.Partial, err = eachPerson(ctx, m, "", mostCounted, func(whole store.Account) error {
		id := whole.Person.ID
		o.People[whole.Person.Status]++
		countStep(paths, whole)
		err := m.svc.Store.Letters(ctx, id, from.AddDays(-1), mend.Date{}, func(l mend.Letter) error {
			if !l.Bounced.IsZero() {
				on(l.Bounced).Bounces++
			}
			return nil
		})
		if err != nil {
			return err
		}
		return m.svc.Store.Replies(ctx, id, from.AddDays(-1), mend.Date{}, o.Now, func(r mend.Reply) error {
			on(r.At).Replies++
			return nil
		})
	})
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		o.Paths = append(o.Paths, *paths[name])
	}
	return nil
}

func countStep(paths map[string]*pathCount, whole store.Account) {
	for _, sub := range whole.Subscriptions {
		if sub.Number != mend.CheckInNumber || sub.Status != mend.Active {
			continue
		}
		if paths[sub.Path] == nil {
			paths[sub.Path] = &pathCount{Path: sub.Path}
		}
		paths[sub.Path].Steps[min(curriculum.Done(content.Built(), curriculum.StateOf(sub)), stepsShown-1)]++
	}
}

// Height is how high a bar is in a chart of 100, for a count of which the highest bar has most.
func (o overview) Height(count int) float64 { return 100 * float64(count) / float64(max(o.Most, 1)) }

// Top is where such a bar begins.
func (o overview) Top(count int) float64 { return 100 - o.Height(count) }

// Left is where the bars of a day begin, the n-th of its four.
func (o overview) Left(day, n int) int { return 24*day + 5*n }

// Width is of the whole chart.
func (o overview) Width() int { return 24 * len(o.Days) }

// Megabytes is the size of the file.
func (o overview) Megabytes() float64 { return float64(o.Disk) / 1e6 }
