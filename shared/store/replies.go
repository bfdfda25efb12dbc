package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// Reply reads one reply with all its words; of r only what names it is looked at (Person, Of,
// Hash). Errors: [ErrNotFound].
func (s *Journal) Reply(ctx context.Context, r mend.Reply, now time.Time) (mend.Reply, error) {
	it, err := s.get(ctx, replyKey(r), now)
	if err != nil {
		return mend.Reply{}, fmt.Errorf("read a reply: %w", err)
	}
	return s.wholeReply(ctx, it)
}

// MarkReply stars and mutes a reply as it says itself. Errors: [ErrConflict] if it is gone.
func (s *Journal) MarkReply(ctx context.Context, r mend.Reply) error {
	return s.write(ctx, Write{
		Op: Update, Key: replyKey(r), If: Condition{{AttrPK, Exists, nil}},
		Set: Item{"starred": r.Starred, "muted": r.Muted},
	}, "mark a reply")
}

// EditReply gives a reply other words, at most [MostReworded] bytes of them. The pairs of question
// and answer go: they held the words that were there before. Errors: [ErrConflict] if the reply is
// gone, or has other words by now than those that were read, or if the person wants words to be
// kept for another time than they did when read.
func (s *Journal) EditReply(ctx context.Context, read mend.Reply, words string, retention mend.Retention) error {
	if len(words) > MostReworded {
		return fmt.Errorf("reword a reply: %d bytes of words, at most %d", len(words), MostReworded)
	}
	head, pieces := cutWords(read.Words)
	writes := []Write{{
		//mutant:kept words of two edits at once of more than 300 KB: see TestLongWordsAreEditedAndDeletedWhole
		//mutant:kept pieces the same
		Op: Update, Key: replyKey(read), If: Condition{{"words", Equal, head}, {"pieces", Equal, int64(len(pieces))}},
		Set: Item{"words": words, "pieces": int64(0), "answers": "null"},
	}, keptAs(read.Person, retention)}
	for i := range pieces {
		writes = append(writes, Write{Op: Delete, Key: pieceKey(replyKey(read), i)})
	}
	return wrap(s.transact(ctx, writes), "reword a reply")
}

// MostReworded is how many bytes of words a reply can be given anew.
const MostReworded = pieceSize

// rememberedGone is how long a deleted reply is remembered as such: longer than its raw mail, or a
// message about it, can wait to be delivered once more.
const rememberedGone = 30 * 24 * time.Hour

func goneKey(reply Key) Key { return Key{reply.PK, "GONE#" + strings.TrimPrefix(reply.SK, "REPLY#")} }

// goneWrites removes a reply, and remembers that it was here. The memory of a person who is being
// erased goes with all that comes late.
func goneWrites(reply Key, now time.Time) []Write {
	mark := Item{}
	forgotten(mark, now.Add(rememberedGone))
	return []Write{{Op: Delete, Key: reply}, {Op: Put, Key: goneKey(reply), Item: mark}}
}

// DeleteReply removes a reply and its words, and remembers for a while that it was here, so that a
// second copy of the mail does not bring it back. The session of u can undo that: see
// [Store.Deleted]. A reply that is gone already is as good as deleted. Errors: [ErrConflict] if the
// reply changed since r was read, if it is held and what is held changed, or if the session ended.
func (s *Journal) DeleteReply(ctx context.Context, r mend.Reply, u Undo, now time.Time) error {
	it, err := s.table.Get(ctx, replyKey(r))
	if err != nil {
		return fmt.Errorf("delete a reply: %w", err)
	}
	writes := goneWrites(replyKey(r), now)
	for i := range int(it.number("pieces")) {
		writes = append(writes, Write{Op: Delete, Key: pieceKey(replyKey(r), i)})
	}
	if it != nil && u.Secret != "" {
		sealed, err := s.sealReply(ctx, it, u, now)
		if err != nil {
			return err
		}
		//mutant:kept words an edit that is being written: see TestADeletedEntryComesBackOnce
		writes[0].If = Condition{{"words", Equal, it.text("words")}}
		writes = append(writes, sealed...)
	}
	if it.text("flag") != "" {
		h, err := s.Held(ctx, r.Person)
		if err != nil {
			return err
		}
		if h, there := h.without(r); there {
			writes = append(writes, heldWrite(r.Person, h))
		}
	}
	return wrap(s.transact(ctx, writes), "delete a reply")
}

// sealReply keeps a reply sealed that is being deleted.
func (s *Journal) sealReply(ctx context.Context, it Item, u Undo, now time.Time) ([]Write, error) {
	r, err := s.wholeReply(ctx, it)
	if err != nil {
		return nil, err
	}
	p, err := s.Person(ctx, r.Person, now)
	if err != nil {
		return nil, err
	}
	writes, err := undoWrites(r.Person, u, Deleted{Reply: &r, Forget: it.forget(), At: now, Retention: p.Retention})
	return append(writes, keptAs(r.Person, p.Retention)), err
}

// ApplyRetention brings what is there in line with how long words are kept now: all of it goes
// after 90 days, what is older at once; or has no words; or stays for good. What was deleted cannot
// be had back any more. It may be interrupted and done again.
func (s *Journal) ApplyRetention(ctx context.Context, id mend.ID, retention mend.Retention, now time.Time) error {
	if err := s.deleteSessions(ctx, id, sessionPrefix, undoMark); err != nil {
		return fmt.Errorf("end the undo of deletions: %w", err)
	}
	var kept [2][]Item
	for i, prefix := range []string{"REPLY#", "PROMISE#"} {
		err := s.each(ctx, ofPerson(id, prefix), now, func(it Item) error {
			kept[i] = append(kept[i], it)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read what is kept: %w", err)
		}
	}
	replies, promises := kept[0], kept[1]
	var changes [][]Write
	for _, it := range replies {
		changes = append(changes, retainReply(it, retention, now))
	}
	for _, it := range promises {
		w := retaining(it.Key(), retention, PromiseGoes(promiseFrom(it)), now)
		if retention == mend.KeepNone {
			w.Set = Item{"words": ""}
		}
		changes = append(changes, []Write{w})
	}
	for _, writes := range changes {
		err := s.table.Transact(ctx, append(writes, keptAs(id, retention)))
		var failed *ConditionFailed
		switch {
		case errors.As(err, &failed) && failed.Index == len(writes):
			return nil // they chose otherwise meanwhile, and what is there is brought in line with that
		case err != nil && !isConditionFailed(err): // else it is gone
			return fmt.Errorf("keep words for so long: %w", err)
		}
	}
	return nil
}

// retainReply moves a reply and its pieces.
func retainReply(it Item, retention mend.Retention, now time.Time) []Write {
	key, goes := it.Key(), it.instant("at").Add(WordsLife)
	head := retaining(key, retention, goes, now)
	pieces := int(it.number("pieces"))
	if retention == mend.KeepNone {
		head.Set = Item{"words": "", "answers": "null", "attachmentNames": "", "pieces": int64(0)}
	}
	writes := []Write{head}
	for i := range pieces {
		if retention == mend.KeepNone {
			writes = append(writes, Write{Op: Delete, Key: pieceKey(key, i)})
		} else {
			writes = append(writes, retaining(pieceKey(key, i), retention, goes, now))
		}
	}
	return writes
}

// retaining sets when an item goes, or that it stays. One whose time is over goes at once.
func retaining(key Key, retention mend.Retention, goes, now time.Time) Write {
	if retention == mend.Keep90Days && !now.Before(goes) {
		return Write{Op: Delete, Key: key}
	}
	//mutant:worlds AttrPK race,slow 0.1
	w := Write{Op: Update, Key: key, If: Condition{{AttrPK, Exists, nil}}}
	if retention == mend.Keep90Days {
		w.Set = Item{AttrTTL: goes.Unix()}
	} else {
		w.Remove = []string{AttrTTL}
	}
	return w
}
