package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// The notices that use cases cause. One that says several things has their names with
// [NoticeSeparator] between them.
//
// A reply that gives orders is answered by one letter: what holds now and how to undo it, and what
// we couldn't follow. There is at most one such letter a day, and at most one a day that asks
// whether to stop. Mail that isn't proven is never answered.
const (
	NoticeSeparator = "+"

	NoticeMove  = "address-change"  // to the old address
	NoticeMoved = "address-changed" // to the new one
	AskToMove   = "move"            // OneOff.Notice of a confirmation that asks a new address

	// Those that ask back, in the order in which they matter.
	NoticeStop    = "stop-ask"
	NoticeWhen    = "promise-when" // which day a promise is for
	NoticeUnclear = "order-unclear"

	// Those that strangers can cause.
	NoticeSignedUp = "already-signed-up"
	NoticeHeld     = "reply-quarantined"

	NoticeGoodbye = "goodbye"
	NoticeErased  = "erased" // the last letter of all
)

// RepliedSince reports whether a reply came since the last check-in, of which the next one
// says that it was kept.
func RepliedSince(sub mend.Subscription) bool {
	return !sub.LastReply.IsZero() && !sub.LastReply.Before(sub.LastDate) && sub.LastReplyAttachments >= 0
}

// Letter is the record of a letter. Of one that has none yet it has the kind; "" if we know no such
// letter.
func (s *Base) Letter(ctx context.Context, id mend.ID, of mend.LetterKey) (mend.Letter, error) {
	l, err := s.Store.Letter(ctx, id, of)
	if !errors.Is(err, store.ErrNotFound) {
		return l, err
	}
	l = mend.Letter{Person: id, Of: of}
	w, err := s.Store.Load(ctx, id, s.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return l, err
	}
	if sub := w.Subscription(of.Subscription); sub != nil {
		l.Kind = sub.Kind
	}
	for _, o := range w.OneOffs {
		if LetterOf(o) == of {
			l = RecordOf(o)
		}
	}
	return l, nil
}

// RecordOf is the record of a one-off's letter, without what became of it. It stays when the
// one-off goes, so it says all that a reply to the letter may be about.
func RecordOf(o mend.OneOff) mend.Letter {
	return mend.Letter{Person: o.Person, Of: LetterOf(o), Kind: o.Kind, Notice: o.Notice, Reminder: o.Reminder}
}

const (
	PendingFor = 7 * 24 * time.Hour // then a pending person is forgotten
	Skew       = 5 * time.Second    // what the clocks of two machines may differ by
)

// OneOff makes a letter for now.
func (s *Base) OneOff(p mend.Person, kind mend.Kind) mend.OneOff {
	now := s.Now()
	return mend.OneOff{
		Person: p.ID, ID: s.NewItemID(), Kind: kind, Address: p.Address, Name: p.Name, Privacy: p.Privacy,
		Zone: p.Zone, Due: now, Expires: now.Add(mend.SendWindow), Date: s.TodayIn(p.Zone),
	}
}

// Notice makes a notice of the given name.
func (s *Base) Notice(p mend.Person, name string) mend.OneOff {
	o := s.OneOff(p, mend.Notice)
	o.Notice = name
	return o
}

// CommitAndSend commits a change, and hands over at once the letters in it that are due.
func (s *Base) CommitAndSend(ctx context.Context, c store.Transaction) error {
	if err := s.Store.Commit(ctx, c); err != nil {
		return err
	}
	s.SendAtOnce(ctx, c.OneOffs)
	return nil
}

// SendAtOnce queues one-offs that are due now. They are committed, so a queue that cannot be
// reached only delays them to their quarter-hour.
func (s *Base) SendAtOnce(ctx context.Context, letters []mend.OneOff) {
	var pages []store.Page
	for _, o := range letters {
		if !o.Due.After(s.Now()) {
			pages = append(pages, store.PageOf(o))
		}
	}
	if err := s.Enqueue(ctx, mend.NowQueue, pages...); err != nil {
		s.Log.WarnContext(ctx, "letters wait for their quarter-hour", "person", letters[0].Person, "error", err)
	}
}

// Enqueue hands pages to the send function. One whose turn is to come arrives shortly before that:
// a queue's delay is in whole seconds.
func (s *Base) Enqueue(ctx context.Context, to mend.QueueName, pages ...store.Page) error {
	if len(pages) == 0 {
		return nil
	}
	messages := make([]mend.Message, len(pages))
	for i, page := range pages {
		body, err := json.Marshal(page)
		if err != nil {
			return fmt.Errorf("encode a page: %w", err)
		}
		wait := max(page.Turn.Sub(s.Now()), time.Second) - time.Second // none without a turn, too
		messages[i] = mend.Message{Body: body, Delay: min(wait.Truncate(time.Second), mend.MaxDelay)}
	}
	return s.Queue.Send(ctx, to, messages...)
}

// RepliesTo reads the replies to letters of some dates.
func (s *Base) RepliesTo(ctx context.Context, p mend.Person, first, last mend.Date) ([]mend.Reply, error) {
	var replies []mend.Reply
	from := mend.Reply{Person: p.ID, Of: mend.LetterKey{Date: first}}
	err := s.Store.Replies(ctx, from, last, s.Now(), func(r mend.Reply) error {
		if r, ok := store.VisibleReply(p, r, s.Now()); ok {
			replies = append(replies, r)
		}
		return nil
	})
	return replies, err
}

// LetterOf names the letter of a one-off; a promise's goes by the promise, so that an answer finds
// it as long as a reply to the letter may come.
func LetterOf(o mend.OneOff) mend.LetterKey {
	if o.Kind == mend.PromiseKind {
		return mend.LetterKey{Date: LocalDate(o), OneOff: o.Promise}
	}
	return mend.LetterKey{Date: o.Date, OneOff: o.ID}
}

// CountCard counts an event of a card for `mend stats`. A count that is lost is no one's loss.
func (s *Base) CountCard(ctx context.Context, card int, event store.CardEvent) {
	if card == 0 {
		return
	}
	if err := s.Store.CountCard(ctx, card, event); err != nil {
		s.Log.WarnContext(ctx, "count an event of a card", "card", card, "error", err)
	}
}

// LocalDate is the local date on which a one-off comes.
func LocalDate(o mend.OneOff) mend.Date {
	return mend.DateOf(o.Due.In(cadence.StoredZone(o.Zone)))
}
