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
// purpose; the file has.
func (m *Machine) people(w http.ResponseWriter, r *http.Request) {
	list := []somebody{}
	q := r.URL.Query()
	_, err := eachPerson(r.Context(), m, q.Get("after"), limitOf(q, mostPeople), func(whole store.Account) error {
		s, err := m.somebody(r.Context(), whole)
		list = append(list, s)
		return err
	})
	m.answer(w, r, http.StatusOK, list, err)
}

// eachPerson visits at most so many people, in the order of their ids, after one of them, and reports whether there
// are more.
func eachPerson(ctx context.Context, m *Machine, after string, most int, visit func(store.Account) error) (more bool, err error) {
	if after != "" {
		after = personPartition + after
	}
	found, err := m.Partitions(ctx, personPartition, after, most+1)
	if more = len(found) > most; more {
		found = found[:most]
	}
	for _, partition := range found {
		whole, missing := m.svc.Store.Load(ctx, mend.ID(strings.TrimPrefix(partition, personPartition)), m.Clock.Now())
		if errors.Is(missing, store.ErrNotFound) { // what is left of someone for a while
			continue
		}
		if err = errors.Join(err, missing); err == nil {
			err = visit(whole)
		}
		if err != nil {
			break
		}
	}
	return more, err
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

func (m *Machine) somebody(ctx context.Context, whole store.Account) (somebody, error) {
	id, now := whole.Person.ID, m.Clock.Now()
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
	err := m.svc.Store.Letters(ctx, id, none, none, func(l mend.Letter) error {
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
