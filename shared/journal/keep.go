// Package journal holds what a person writes: replies and the orders in them, entries of their
// journal, promises and the answers to them.
package journal

import (
	"context"
	"errors"
	"strings"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Keeper keeps replies and follows the orders in them: mails that came in, and what a person writes
// on the page of a letter.
type Keeper struct {
	*change.Base
	Library *content.Library
	account *account.Service
}

// NewKeeper needs what [account.New] needs, and the cards that letters showed.
func NewKeeper(b *change.Base, library *content.Library) *Keeper {
	return &Keeper{b, library, account.New(b)}
}

// Service is the use cases of the journal's pages.
type Service struct{ *Keeper }

// New needs what [NewKeeper] needs.
func New(b *change.Base, library *content.Library) *Service { return &Service{NewKeeper(b, library)} }

// Keep stores a reply that is not there yet, and follows the orders of one that is surely the
// person's own. One that waits under "was this you?" is confirmed by a copy that is proven. kept is
// false for one that is only counted, and for a copy of one that was deleted or counts as theirs
// without it. Errors: those of [store.Store.AddReply].
func (s *Keeper) Keep(ctx context.Context, w store.Account, reply mend.Reply) (kept bool, err error) {
	there, err := s.Store.HasReply(ctx, reply)
	if err != nil {
		return false, err
	}
	add := s.Store.AddReply
	if there {
		waiting, err := s.Store.Reply(ctx, reply, s.Now())
		switch {
		case errors.Is(err, store.ErrNotFound): // deleted
			return false, nil
		case err != nil:
			return false, err
		case waiting.Flag == mend.NotFlagged:
			return reply.Flag == mend.NotFlagged, nil
		case reply.Flag != mend.NotFlagged:
			return true, nil
		}
		add = s.Store.ConfirmReply
		reply.Starred, reply.Muted = waiting.Starred, waiting.Muted
	}
	l, err := s.Letter(ctx, reply.Person, reply.Of) // it may be answered before it is recorded
	if err != nil {
		return false, err
	}
	reply.Question = l.Question
	k := store.ReplyKept{Reply: reply}
	if reply.Flag != mend.NotFlagged {
		return s.hold(ctx, w, k)
	}
	if saysYesToStop(l, reply) {
		if w, err = s.account.StopAll(ctx, reply.Person); err != nil {
			return false, err
		}
	}
	orders := command.ToCheckIn
	switch l.Kind {
	case mend.PromiseKind:
		orders = command.ToPromise
	case mend.Reminder:
		orders = command.ToReminder
	}
	if err := s.follow(ctx, &w, command.Read(reply.Words, reply.Date, orders...), &k); err != nil {
		return false, err
	}
	added, err := add(ctx, k)
	if err != nil || !added {
		return true, err
	}
	s.logKept(ctx, reply)
	s.CountCard(ctx, l.Card, store.CardReply)
	s.SendAtOnce(ctx, k.OneOffs)
	return true, nil
}

func (s *Keeper) logKept(ctx context.Context, r mend.Reply) {
	s.Log.InfoContext(ctx, "reply kept", "person", r.Person, "letter", mend.LetterName(r.Person, r.Of), "flag", r.Flag)
}

// What is kept under "was this you?". Anyone who holds one letter can write there, so a flood must
// neither hide nor slow what the person wrote.
const (
	MostHeld      = 20       // replies of one person
	mostHeldADay  = 5        // on one of their days
	MostHeldWords = 16 << 10 // bytes of each reply's words
)

// hold keeps a reply that waits for the person's word, within the limits. It counts the others.
func (s *Keeper) hold(ctx context.Context, w store.Account, k store.ReplyKept) (kept bool, err error) {
	h, err := s.Store.Held(ctx, w.Person.ID)
	if err == nil && len(h.Keys) >= MostHeld {
		h, err = s.Store.DropExpired(ctx, w.Person.ID, h, s.Now())
	}
	if err != nil {
		return false, err
	}
	if len(h.Keys) >= MostHeld || h.Day == k.Reply.Date && h.Today >= mostHeldADay {
		s.Log.InfoContext(ctx, "reply counted", "person", w.Person.ID, "flag", k.Reply.Flag)
		return false, s.Store.CountRefused(ctx, w.Person.ID, h, w.Person.Retention)
	}
	beginning := k.Reply.Words[:min(len(k.Reply.Words), MostHeldWords)]
	k.Reply.Words = strings.ToValidUTF8(beginning, "") // without half a character
	size := len(k.Reply.Words)
	for _, a := range k.Reply.Answers {
		size += len(a.Question) + len(a.Words)
	}
	if size > MostHeldWords { // the words hold all of the answers
		k.Reply.Answers = nil
	}
	k.Retention = w.Person.Retention
	if added, err := s.Store.HoldReply(ctx, k, h); err != nil || !added {
		return true, err
	}
	s.logKept(ctx, k.Reply)
	return true, nil
}
