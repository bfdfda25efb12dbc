package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// A reply that gives orders is answered by one letter: what holds now and how to undo it, and what we
// couldn't follow. There is at most one such letter a day, and at most one a day that asks whether to
// stop. Mail that isn't proven is never answered.

// The notices that ask back, in the order in which they matter.
const (
	noticeStop    = "stop-ask"
	noticeWhen    = "promise-when" // which day a promise is for
	noticeUnclear = "order-unclear"
)

// also parts the names of a notice that says several things.
const also = "+"

// answerOrders adds the letter that answers the orders of a reply.
func (s *Service) answerOrders(p mend.Person, stop command.Stop, notices []string, kept *store.ReplyKept) error {
	notices = slices.DeleteFunc(notices, func(name string) bool { return name == "" })
	zone, err := cadence.Zone(p.Zone)
	if err != nil || p.Status != mend.Active {
		return err
	}
	today := s.today(zone)
	if !p.Answered.Before(today) {
		notices = nil
	}
	asks := stop == command.StopAsks && p.AskedToStop.Before(today)
	if len(notices) == 0 && !asks {
		return nil
	}
	if len(notices) > 0 {
		kept.Answered = today
	}
	var names []string
	if asks {
		kept.AskedToStop = today
		names = append(names, noticeStop)
	}
	for _, first := range []string{noticeWhen, noticeUnclear} {
		if slices.Contains(notices, first) {
			names = append(names, first)
		}
	}
	for _, name := range notices {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	o, err := s.oneOff(p, mend.Notice)
	if err != nil {
		return err
	}
	o.Notice = strings.Join(names, also)
	kept.OneOffs = append(kept.OneOffs, o)
	return nil
}

// isAnswer reports whether a notice answers a reply.
func isAnswer(o mend.OneOff) bool {
	name, _, _ := strings.Cut(o.Notice, also)
	return o.Kind == mend.Notice && slices.Contains(letter.Answers, name)
}

// answerBody writes the letter that answers a reply, with the settings as they are now. It returns store.ErrNotFound if
// it would say what doesn't hold any more.
func (s *Service) answerBody(ctx context.Context, o mend.OneOff, epoch uint16) (letter.Body, error) {
	w, err := s.Store.Load(ctx, o.Person, s.Now())
	if err != nil {
		return nil, err
	}
	view, err := s.settings(w)
	if err != nil {
		return nil, err
	}
	names := strings.Split(o.Notice, also)
	n := letter.Notice{Name: names[0], Also: names[1:], URL: s.Site + "/signin", Next: InWords(view.Next), Rhythm: view.Rhythm}
	if until := w.Person.PausedUntil; !until.IsZero() {
		n.Until = fmt.Sprintf("%d %s %d", until.Day, until.Month, until.Year)
	} else if slices.Contains(names, "paused") {
		return nil, store.ErrNotFound
	}
	claims, at := token.Claims{Purpose: token.Preferences, Person: o.Person, Epoch: epoch, Date: o.Date}, "/preferences/"
	switch n.Name {
	case noticeWhen:
		return n, nil
	case noticeStop:
		claims.Purpose, at = token.Unsubscribe, "/stop/"
	}
	text, err := s.sign(claims)
	n.URL = s.Site + at + text
	return n, err
}

// saysYesToStop reports whether a reply is a yes to the letter that asks whether to stop.
func (s *Service) saysYesToStop(ctx context.Context, r mend.Reply) (bool, error) {
	o, err := s.Store.OneOff(ctx, store.OneOffKey{Person: r.Person, ID: r.Of.OneOff}, s.Now())
	if err != nil || !strings.HasPrefix(o.Notice, noticeStop) {
		return false, ignoreNotFound(err)
	}
	read := command.Read(r.Words, r.Date, command.Kept)
	return len(read.Orders) == 1 && read.Rest == "", nil
}

func ignoreNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
