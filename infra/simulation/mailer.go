package simulation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"example.org/mend/functions/feedback"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// mailer is the mail service: it keeps a log of what it was asked and what it took.
type mailer struct {
	world *world
	quota float64 // letters a second
	took  int
}

// mailed is one letter that the mail service took.
type mailed struct {
	at                  int64
	to                  string
	occurrence, attempt string
	kind                mend.Kind
	person              mend.ID
	of                  mend.LetterKey
	notice              string      // of a notice: which
	about               mend.ItemID // of a promise: which; of a notice about a move: of which
	epoch               uint16      // the person's, which its links and its reply address carry
}

var errReset = errors.New("the connection was reset")

func (m *mailer) Send(_ context.Context, o mend.Outgoing) (string, error) {
	w := m.world
	w.check.calls(o)
	fate := w.call("mail", store.Key{PK: string(o.Kind), SK: o.Occurrence})
	if w.closed > w.now && !w.healed {
		w.check.refused()
		return "", fmt.Errorf("sending is paused: %w", mend.ErrClosed)
	}
	switch fate {
	case throttled:
		return "", fmt.Errorf("too fast: %w", mend.ErrNotSent)
	case crashBefore, timeout:
		if fate == timeout && w.rng.IntN(3) == 0 {
			return "", fmt.Errorf("dial: %w", mend.ErrNotSent)
		}
		if fate == timeout {
			w.sleep(5 * time.Second)
			return "", errReset
		}
		panic(crash{})
	}
	switch {
	case w.chance(w.faults.Mail / 4):
		return "", fmt.Errorf("MessageRejected: %w", mend.ErrRefused)
	case w.chance(w.faults.Mail):
		return "", fmt.Errorf("too fast: %w", mend.ErrNotSent)
	}
	id := m.take(o)
	switch {
	case fate == crashAfter:
		panic(crash{})
	case fate != fine || w.chance(w.faults.Mail):
		w.sleep(w.between(0, 5*time.Second))
		return "", errReset
	}
	return id, nil
}

// take accepts a letter: it will arrive, and events will say so.
func (m *mailer) take(o mend.Outgoing) string {
	w := m.world
	m.took++
	id := strconv.Itoa(m.took)
	letter := &mailed{at: w.now, to: o.To.Mail(), occurrence: o.Occurrence, attempt: o.Attempt, kind: o.Kind}
	letter.person, letter.of, _ = mend.ParseLetterName(o.Occurrence)
	letter.epoch = w.epoch(letter.person)
	if claim := w.check.claims[o.Attempt]; claim != nil {
		letter.notice, letter.about = text(claim.item, "notice"), mend.ItemID(text(claim.item, "promise"))
	}
	w.tracef("%s: MAIL %s %s to %s", w.current.name, o.Kind, o.Occurrence, letter.to)
	w.check.took(letter)
	if proved(o.Kind) {
		m.event(letter, id, "Send")
	}
	if s := w.somebody(letter.to); s != nil {
		if s.bounces != 0 && w.now > s.bounces {
			m.event(letter, id, "Bounce")
			return id
		}
		switch w.rng.IntN(400) {
		case 0:
			m.event(letter, id, "Complaint")
		default:
			if w.rng.IntN(4) == 0 {
				m.event(letter, id, "Delivery")
			}
		}
		s.gets(letter)
	}
	return id
}

// epoch is a person's epoch as it stands now.
func (w *world) epoch(id mend.ID) uint16 {
	return uint16(number(w.table.Peek(store.Key{PK: "P#" + string(id), SK: "PERSON"}), "epoch"))
}

// proved are the kinds whose SEND event comes to us: those with a second attempt.
func proved(k mend.Kind) bool {
	return k == mend.PromiseKind || k == mend.Reminder || k == mend.Notice || k == mend.Confirmation || k == mend.SignIn
}

// event is published some time after, perhaps twice or never.
func (m *mailer) event(l *mailed, id, kind string) {
	w := m.world
	if w.chance(w.faults.Events) {
		return
	}
	delay := w.between(100*time.Millisecond, 20*time.Second)
	if w.chance(w.faults.Events) {
		delay = w.between(0, 3*time.Hour)
	}
	var e feedback.Event
	e.EventType, e.Mail.MessageID = kind, id
	e.Mail.Timestamp, e.Mail.Destination = time.Unix(0, l.at).UTC(), []string{l.to}
	e.Delivery.Timestamp = e.Mail.Timestamp
	e.Bounce.BounceType = "Permanent"
	e.Mail.Tags = map[string][]string{feedback.OccurrenceTag: {l.occurrence}, feedback.AttemptTag: {l.attempt}}
	text, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	w.after(delay, func() {
		w.queues["feedback"].notify(string(text))
		if w.chance(w.faults.Duplicate) {
			w.queues["feedback"].notify(string(text))
		}
	})
}
