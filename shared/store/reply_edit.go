package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

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
	expire(mark, now.Add(rememberedGone))
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
	writes := undoWrites(r.Person, u, Deleted{Reply: &r, Forget: it.expiry(), At: now, Retention: p.Retention})
	return append(writes, keptAs(r.Person, p.Retention)), nil
}
