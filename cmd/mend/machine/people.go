package machine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// personRow is a person as /local/people lists them: no address, no words.
type personRow struct {
	ID            mend.ID           `json:"id"`
	Status        mend.Status       `json:"status"`
	Subscriptions []subscriptionRow `json:"subscriptions"`
	Letters       int               `json:"letters"`
	Replies       int               `json:"replies"`
	Promises      int               `json:"promises"`
}

type subscriptionRow struct {
	Name    string      `json:"name"`
	Kind    mend.Kind   `json:"kind"`
	Cadence string      `json:"cadence"`
	Zone    string      `json:"zone"`
	Time    string      `json:"time"`
	Status  mend.Status `json:"status"`
}

// mostPeople is how many people are listed at once.
const mostPeople = 1000

// listPeople lists everyone who is known, in the order of their ids, after one of them. The service
// has no such list, on purpose; the file has.
func (m *Machine) listPeople(w http.ResponseWriter, r *http.Request) error {
	list := []personRow{}
	_, err := m.eachPerson(r.Context(), r.FormValue("after"), limitOf(r, mostPeople), func(a store.Account) error {
		row, err := personRowOf(r.Context(), m.svc.Store, a, m.Clock.Now())
		list = append(list, row)
		return err
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, list)
}

// personPartition begins the partition keys of people.
const personPartition = "P#"

// eachPerson visits at most so many people, in the order of their ids, after one of them, and
// reports whether there are more.
func (m *Machine) eachPerson(
	ctx context.Context, after string, most int, visit func(store.Account) error,
) (more bool, err error) {
	if after != "" {
		after = personPartition + after
	}
	found, err := m.Partitions(ctx, personPartition, after, most+1)
	if err != nil {
		return false, err
	}
	for _, partition := range found[:min(most, len(found))] {
		a, err := m.svc.Store.Load(ctx, mend.ID(strings.TrimPrefix(partition, personPartition)), m.Clock.Now())
		if errors.Is(err, store.ErrNotFound) { // what is left of someone for a while
			continue
		}
		if err == nil {
			err = visit(a)
		}
		if err != nil {
			return false, err
		}
	}
	return len(found) > most, nil
}

func personRowOf(ctx context.Context, s *store.Store, a store.Account, now time.Time) (personRow, error) {
	id := a.Person.ID
	row := personRow{ID: id, Status: a.Person.Status, Subscriptions: []subscriptionRow{}}
	for _, sub := range a.Subscriptions {
		if sub.Status == mend.Off {
			continue
		}
		name := string(sub.Kind)
		if sub.Kind == mend.Reminder {
			name = fmt.Sprintf("reminder %d", sub.Number)
		}
		row.Subscriptions = append(row.Subscriptions, subscriptionRow{name, sub.Kind, account.CadenceName(sub.Cadence),
			sub.Cadence.Zone, sub.Cadence.Time.String(), sub.Status})
	}
	held, heldErr := s.Held(ctx, id)
	row.Replies = held.Refused // they came, and are counted
	promises, promisesErr := s.Promises(ctx, id, now)
	row.Promises = len(promises)
	return row, errors.Join(heldErr, promisesErr,
		s.Letters(ctx, id, mend.LetterKey{}, mend.Date{}, func(l mend.Letter) error {
			if l.Outcome == mend.Accepted {
				row.Letters++
			}
			return nil
		}),
		s.Replies(ctx, mend.Reply{Person: id}, mend.Date{}, now, func(mend.Reply) error {
			row.Replies++
			return nil
		}))
}
