package machine

import (
	"context"
	"errors"
	"fmt"
	"net/http"

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

// people lists everybody who was ever written to and is still known. The table has
// no list of people, on purpose; the mailbox knows whom letters went to.
func (m *Machine) people(w http.ResponseWriter, r *http.Request) {
	list := []somebody{}
	letters, err := m.mailbox.List(r.Context())
	seen := map[mend.ID]bool{}
	for _, l := range letters {
		id, _, parseErr := mend.ParseLetterName(l.Tags["occurrence"])
		if parseErr != nil || seen[id] {
			continue
		}
		seen[id] = true
		var s somebody
		s, err = m.somebody(r.Context(), id)
		if errors.Is(err, store.ErrNotFound) {
			err = nil
			continue
		}
		if err != nil {
			break
		}
		list = append(list, s)
	}
	m.answer(w, r, http.StatusOK, list, err)
}

func (m *Machine) somebody(ctx context.Context, id mend.ID) (somebody, error) {
	now := m.clock.Now()
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
