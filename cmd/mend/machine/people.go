package machine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// somebody is a person as /local/people lists them: no address, no words.
type somebody struct {
	ID            mend.ID        `json:"id"`
	Status        mend.Status    `json:"status"`
	Subscriptions []subscription `json:"subscriptions"`
	Letters       int            `json:"letters"`
	Replies       int            `json:"replies"`
	Promises      int            `json:"promises"`
}

type subscription struct {
	Name    string      `json:"name"`
	Kind    mend.Kind   `json:"kind"`
	Cadence string      `json:"cadence"`
	Zone    string      `json:"zone"`
	Time    string      `json:"time"`
	Status  mend.Status `json:"status"`
}

// mostPeople is how many people are listed at once.
const mostPeople = 1000

// people lists everyone who is known, in the order of their ids, after one of them. The service has no such list, on
// purpose; whoever has the file has it.
func (m *Machine) people(w http.ResponseWriter, r *http.Request) {
	list := []somebody{}
	q := r.URL.Query()
	after := q.Get("after")
	if after != "" {
		after = personPartition + after
	}
	found, err := m.Partitions(r.Context(), personPartition, after, limitOf(q, mostPeople))
	for _, partition := range found {
		s, missing := m.somebody(r.Context(), mend.ID(strings.TrimPrefix(partition, personPartition)))
		if errors.Is(missing, store.ErrNotFound) { // what is left of someone for a while
			continue
		}
		if err = errors.Join(err, missing); err != nil {
			break
		}
		list = append(list, s)
	}
	m.answer(w, r, http.StatusOK, list, err)
}

// personPartition begins the partition keys of people.
const personPartition = "P#"

// limitOf is how many a list holds: as many as the query asks for, up to most.
func limitOf(q url.Values, most int) int {
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		return min(n, most)
	}
	return most
}

func (m *Machine) somebody(ctx context.Context, id mend.ID) (somebody, error) {
	now := m.Clock.Now()
	whole, err := m.svc.Store.Load(ctx, id, now)
	if err != nil {
		return somebody{}, err
	}
	s := somebody{ID: id, Status: whole.Person.Status, Subscriptions: []subscription{}}
	for _, sub := range whole.Subscriptions {
		if sub.Status == mend.Off {
			continue
		}
		name := string(sub.Kind)
		if sub.Kind == mend.Reminder {
			name = fmt.Sprintf("reminder %d", sub.Number)
		}
		s.Subscriptions = append(s.Subscriptions, subscription{
			Name: name, Kind: sub.Kind, Cadence: account.CadenceName(sub.Cadence), Zone: sub.Cadence.Zone,
			Time: sub.Cadence.Time.String(), Status: sub.Status,
		})
	}
	var none mend.Date
	err = m.svc.Store.Letters(ctx, id, none, none, func(l mend.Letter) error {
		if l.Outcome == mend.Accepted {
			s.Letters++
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	err = m.svc.Store.Replies(ctx, id, none, none, now, func(mend.Reply) error {
		s.Replies++
		return nil
	})
	if err != nil {
		return s, err
	}
	held, err := m.svc.Store.Held(ctx, id)
	if err != nil {
		return s, err
	}
	s.Replies += held.Refused // they came, and are counted
	promises, err := m.svc.Store.Promises(ctx, id, m.svc.Now())
	s.Promises = len(promises)
	return s, err
}
