package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"example.org/mend/shared/mend"
)

// Held says which replies of a person wait under "was this you?", and how many came beside them. It
// stands in one item, whose version every change of it moves, so that a flood cannot pass a limit
// by coming all at once.
type Held struct {
	Keys    []string  // sort keys of the replies that are kept, the first to come first
	Day     mend.Date // the last day on which one was kept
	Today   int       // how many were kept on that day
	Refused int       // how many were counted and not kept
	version int64
}

func heldKey(id mend.ID) Key { return personKey(id, "HELD") }

// Held reads what is held of a person. It is zero if nothing ever was.
func (s *records) Held(ctx context.Context, id mend.ID) (Held, error) {
	it, err := s.table.Get(ctx, heldKey(id))
	return record(it, heldRepliesFields), wrap(err, "read what is held")
}

func heldRepliesFields(h *Held) fields {
	return fields{
		{"keys", &h.Keys}, {"day", &h.Day}, {"today", &h.Today}, {"refused", &h.Refused}, {"version", &h.version},
	}
}

// DropExpired takes those out of what is held whose time is over.
func (s *Journal) DropExpired(ctx context.Context, id mend.ID, h Held, now time.Time) (Held, error) {
	items, err := s.table.GetEach(ctx, mapped(h.Keys, func(sk string) Key { return personKey(id, sk) }))
	if err != nil {
		return h, fmt.Errorf("read what is held: %w", err)
	}
	var left []string
	for i, it := range items {
		if it != nil && !it.expired(now) {
			left = append(left, h.Keys[i])
		}
	}
	h.Keys = left
	return h, nil
}

func heldWrite(id mend.ID, h Held) Write {
	return versioned(heldKey(id), heldRepliesFields(&h), &h.version, time.Time{})
}

// HoldReply keeps a reply under "was this you?", as [Store.AddReply] does, and notes it in what is
// held as that was read. Errors: [ErrConflict], also if another came meanwhile.
func (s *Journal) HoldReply(ctx context.Context, k ReplyKept, h Held) (added bool, err error) {
	if h.Day != k.Reply.Date {
		h.Day, h.Today = k.Reply.Date, 0
	}
	h.Today++
	h.Keys = append(slices.Clone(h.Keys), replyKey(k.Reply).SK)
	//mutant:kept AttrPK a copy that came meanwhile has changed what is held as well
	return s.putReply(ctx, k, Condition{{AttrPK, Missing, nil}}, heldWrite(k.Reply.Person, h))
}

// CountRefused counts a reply that is not kept. Errors: [ErrConflict].
func (s *Journal) CountRefused(ctx context.Context, id mend.ID, h Held, retention mend.Retention) error {
	h.Refused++
	return wrap(s.transact(ctx, []Write{heldWrite(id, h), keptAs(id, retention)}), "count a reply")
}

// without is what is held without one reply, and whether that was there.
func (h Held) without(r mend.Reply) (Held, bool) {
	i := slices.Index(h.Keys, replyKey(r).SK)
	if i < 0 {
		return h, false
	}
	h.Keys = slices.Delete(slices.Clone(h.Keys), i, i+1)
	return h, true
}

// DeleteHeld removes those of some replies that wait under "was this you?", and forgets how many
// were refused. Errors: [ErrConflict] if another came meanwhile.
func (s *Journal) DeleteHeld(ctx context.Context, id mend.ID, replies []mend.Entry, now time.Time) error {
	h, err := s.Held(ctx, id)
	if err != nil || h.version == 0 {
		return err
	}
	var gone []Write
	for _, e := range replies {
		of, hash, ok := mend.ParseEntry(e)
		r := mend.Reply{Person: id, Of: of, Hash: hash}
		left, there := h.without(r)
		if ok && there {
			h, gone = left, append(gone, goneWrites(replyKey(r), now)...)
		}
	}
	h.Refused = 0
	writes := append(gone, heldWrite(id, h))
	return wrap(s.transact(ctx, writes), "delete what is held")
}
