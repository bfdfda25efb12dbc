package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/mend/shared/mend"
)

// pieceSize is how many bytes of words one item holds: well under DynamoDB's 400 KB.
const pieceSize = 300_000

// ReplyKept is what a reply's arrival changes beside the reply itself.
type ReplyKept struct {
	Reply    mend.Reply
	Promises []mend.Promise
	OneOffs  []mend.OneOff
	Cancel   []mend.ItemID // one-offs that are not sent any more
	Version  int64         // of the person as they were read when these were decided on

	// Answered and AskedToStop are the day on which one of the OneOffs answers orders, or asks
	// whether to stop; zero: none does.
	Answered, AskedToStop mend.Date

	// Retention is how long the person, as they were read, wanted words to be kept. What is not to
	// be kept is left out.
	Retention mend.Retention

	// Moods are the two newest, this reply's included. They are written if the reply has a mood.
	Moods [2]mend.Mood

	OnPage bool // it was written on a page: no letter says that it arrived
}

// mostAnswers is how many bytes of answers, in JSON, stand beside the words. Longer ones are left
// out: the words hold all of them.
const mostAnswers = 80_000

// HasReply reports whether a reply is kept already, or was until its owner deleted it lately.
func (s *Journal) HasReply(ctx context.Context, r mend.Reply) (bool, error) {
	it, err := s.table.Get(ctx, replyKey(r))
	if err == nil && it == nil {
		it, err = s.table.Get(ctx, goneKey(replyKey(r)))
	}
	return it != nil, wrap(err, "look for a reply")
}

// AddReply keeps a reply, with the promises and one-offs that it makes, once: a
// reply that is there already changes nothing, and added is false.
//
// A reply that makes letters or moves promises moves the person's version as every change does, so
// that a stop at the same moment either comes first and fails it or sees those letters and cancels
// them, and no promise comes back that was deleted meanwhile.
//
// Errors: [ErrConflict] if the person was erased since they were read, or wants words to be kept
// for another time, or if there are one-offs or promises and the version moved.
func (s *Journal) AddReply(ctx context.Context, k ReplyKept) (added bool, err error) {
	return s.putReply(ctx, k, Condition{{AttrPK, Missing, nil}})
}

// ConfirmReply replaces a flagged reply by the person's word that it is theirs, with what it makes
// as in [Store.AddReply]. It is false if the reply is gone or was confirmed before. Errors: those
// of AddReply.
func (s *Journal) ConfirmReply(ctx context.Context, k ReplyKept) (confirmed bool, err error) {
	_, pieces := cutWords(k.Reply.Words) // fewer by one, perhaps, without the lines of verbs
	more := []Write{{Op: Delete, Key: pieceKey(replyKey(k.Reply), len(pieces))}}
	h, err := s.Held(ctx, k.Reply.Person)
	if err != nil {
		return false, err
	}
	if h, there := h.without(k.Reply); there {
		more = append(more, heldWrite(k.Reply.Person, h))
	}
	return s.putReply(ctx, k, Condition{{"flag", NotEqual, ""}}, more...)
}

func (s *Journal) putReply(ctx context.Context, k ReplyKept, condition Condition, more ...Write) (
	added bool, err error) {
	r, forget := k.Reply, time.Time{}
	switch k.Retention {
	case mend.KeepNone:
		r = withoutWords(r)
	case mend.Keep90Days:
		forget = r.At.Add(wordsLife)
	}
	writes := replyWrites(r, forget)
	holder := keptAs(r.Person, k.Retention) // which fails on the mark of an erasure, too
	if len(k.OneOffs) > 0 || len(k.Promises) > 0 {
		//mutant:worlds version race,slow 0.1
		holder.Op, holder.If = Update, Condition{{"version", Equal, k.Version}}
		holder.Set = Item{"version": k.Version + 1}
		if !k.Answered.IsZero() {
			holder.Set["answered"] = k.Answered.String()
		}
		if !k.AskedToStop.IsZero() {
			holder.Set["askedToStop"] = k.AskedToStop.String()
		}
	}
	if condition[0].Is != Missing {
		writes[0] = keepUnknown(writes[0])
	}
	writes[0].If = condition
	writes = append(writes, holder)
	writes = append(writes, more...)
	// The next check-in says that a reply was kept, whatever letter it answers; not where words are
	// not kept.
	if r.Flag == mend.NotFlagged {
		attachments := int64(r.Attachments)
		if k.OnPage || r.Words == "" && r.Attachments == 0 {
			attachments = nothingToSay
		}
		heard := heardWrite(r.Person, r.Date, attachments)
		if r.Mood != 0 {
			heard.Set["moods"] = moodsText(k.Moods)
		}
		writes = append(writes, heard)
	}
	if err := s.openPagesOf(ctx, k.OneOffs...); err != nil {
		return false, err
	}
	writes = slices.Concat(writes, mapped(k.OneOffs, oneOffWrite),
		mapped(k.Cancel, func(id mend.ItemID) Write { return cancelWrite(r.Person, id) }),
		mapped(k.Promises, func(o mend.Promise) Write { return promiseWrite(o, k.Retention) }))
	err = s.table.Transact(ctx, writes)
	if failed, ok := errors.AsType[*ConditionFailed](err); ok && failed.Index == 0 {
		return false, nil
	}
	return err == nil, wrap(conflict(err), "keep a reply")
}

// replyWrites puts a reply and the pieces of its words, the reply first. All of them belong into
// one transaction (at most 4 MB, and a reply's text is 1 MB): no piece may outlive an erasure.
func replyWrites(r mend.Reply, forget time.Time) []Write {
	key := replyKey(r)
	head, pieces := cutWords(r.Words)
	r.Words = head
	item := replyFields(&r).item()
	item["pieces"] = int64(len(pieces))
	expire(item, forget)
	writes := []Write{{Op: Put, Key: key, Item: item}}
	for i, piece := range pieces {
		pieceItem := Item{"words": piece}
		expire(pieceItem, forget)
		writes = append(writes, Write{Op: Put, Key: pieceKey(key, i), Item: pieceItem})
	}
	return writes
}

// heardWrite notes when a person last wrote, which ends their silence.
func heardWrite(id mend.ID, date mend.Date, attachments int64) Write {
	return Write{
		//mutant:kept AttrPK everyone in these worlds has a check-in
		Op: Update, Key: subscriptionKey(id, mend.CheckInNumber), If: Condition{{AttrPK, Exists, nil}},
		Set: Item{"lastReply": date.String(), "lastAttachments": attachments},
	}
}

// moodWrites changes what the next letter says of a reply: its mood is taken out of the two newest,
// or put back, and the letter doesn't say any more that it arrived. There are no writes if nothing
// changes.
func (s *records) moodWrites(ctx context.Context, r mend.Reply, back bool) ([]Write, error) {
	key := subscriptionKey(r.Person, mend.CheckInNumber)
	it, err := s.table.Get(ctx, key)
	if err != nil || it == nil || r.Flag != mend.NotFlagged {
		return nil, wrap(err, "read what the next letter says")
	}
	read := subscriptionFrom(it)
	moods := mend.RemoveMood(read.Moods, r.At)
	if back {
		moods = mend.AddMood(moods, mend.Mood{Value: r.Mood, At: r.At})
	}
	w := Write{Op: Update, Key: key, Set: Item{}}
	if was := it.text("moods"); moodsText(moods) != was && was != "" {
		//mutant:kept moods a reply that comes at the same moment: its mood would be lost
		w.If = Condition{{"moods", Equal, was}}
		w.Set["moods"] = moodsText(moods)
	}
	if read.LastReply == r.Date && read.LastReplyAttachments != nothingToSay {
		w.Set["lastAttachments"] = int64(nothingToSay)
	}
	if len(w.Set) == 0 {
		return nil, nil
	}
	return []Write{w}, nil
}

// nothingToSay stands for the attachments of a reply of which no letter says that it was kept.
const nothingToSay = -1

func pieceKey(reply Key, i int) Key {
	return Key{reply.PK, fmt.Sprintf("WORDS#%s#%04d", reply.SK[len("REPLY#"):], i)}
}

// cutWords parts words into what the reply's own item holds and pieces for items beside it, never
// within a character.
func cutWords(words string) (head string, pieces []string) {
	for len(words) > pieceSize {
		end := pieceSize
		for end > pieceSize-utf8.UTFMax && !utf8.RuneStart(words[end]) {
			end--
		}
		pieces, words = append(pieces, words[:end]), words[end:]
	}
	pieces = append(pieces, words)
	return pieces[0], pieces[1:]
}

// Replies visits the replies that come after one, in the order of the letters that they answer, up
// to letters of a local date (zero: no bound), with all their words. Of after only what names it is
// looked at, and its Person. It need not be there: without a hash it stands before the replies to
// its letter, as the key of a letter stands among others (see [Deliveries.Letters]).
func (s *Journal) Replies(ctx context.Context, after mend.Reply, last mend.Date, now time.Time,
	visit func(mend.Reply) error) error {
	q := ofPerson(after.Person, "REPLY#"+last.String())
	q.After = replyKey(after).SK
	return wrap(s.each(ctx, q, now, func(it Item) error {
		r, err := s.wholeReply(ctx, it)
		if err != nil {
			return err
		}
		return visit(r)
	}), "read replies")
}

// wholeReply puts the pieces of a reply together.
func (s *records) wholeReply(ctx context.Context, it Item) (mend.Reply, error) {
	r := replyFrom(it)
	for i := range int(it.number("pieces")) {
		piece, err := s.table.Get(ctx, pieceKey(it.Key(), i))
		if err != nil {
			return mend.Reply{}, fmt.Errorf("read a piece of a reply: %w", err)
		}
		r.Words += piece.text("words")
	}
	return r, nil
}

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
	mark := Item{AttrTTL: now.Add(rememberedGone).Unix()}
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
	if it != nil {
		said, err := s.moodWrites(ctx, replyFrom(it), false)
		if err != nil {
			return err
		}
		writes = append(writes, said...)
	}
	if it != nil && u.Secret != "" {
		whole, err := s.wholeReply(ctx, it)
		if err != nil {
			return err
		}
		p, err := s.Person(ctx, r.Person, now)
		if err != nil {
			return err
		}
		//mutant:kept words an edit that is being written: see TestADeletedEntryComesBackOnce
		writes[0].If = Condition{{"words", Equal, it.text("words")}}
		d := Deleted{Reply: &whole, Forget: it.expiry(), At: now, Retention: p.Retention}
		writes = append(append(writes, undoWrites(r.Person, u, d)...), keptAs(r.Person, p.Retention))
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
