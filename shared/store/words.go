package store

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"example.org/mend/shared/person"
)

// pieceSize is how many bytes of words one item holds: well under DynamoDB's 400 KB.
const pieceSize = 300_000

// ReplyKept is what a reply's arrival changes beside the reply itself.
type ReplyKept struct {
	Reply    person.Reply
	Promises []person.Promise
	OneOffs  []person.OneOff
	Version  int64     // of the person as they were read when OneOffs were decided on
	Forget   time.Time // when the words go again; zero: never
}

// mostAnswers is how many bytes of answers, in JSON, stand beside the words. Longer ones are left out:
// the words hold all of them.
const mostAnswers = 80_000

// HasReply reports whether a reply is kept already.
func (s *Store) HasReply(ctx context.Context, r person.Reply) (bool, error) {
	it, err := s.table.Get(ctx, replyKey(r))
	return it != nil, wrap(err, "look for a reply")
}

// AddReply keeps a reply, with the promises and one-offs that it makes, once: a
// reply that is there already changes nothing, and added is false. The person must exist.
//
// A reply that makes letters moves the person's version as every change does, so that a stop
// at the same moment either comes first and fails it or sees those letters and cancels them.
//
// Errors: [ErrNotFound] if the person is gone (erased meanwhile, perhaps); [ErrConflict] if
// there are one-offs and the version moved since it was read.
func (s *Store) AddReply(ctx context.Context, k ReplyKept) (added bool, err error) {
	head, pieces := cutWords(k.Reply.Words)
	r := k.Reply
	r.Words = head
	item, err := replyItem(r)
	if err != nil {
		return false, err
	}
	key := replyKey(r)
	item["pieces"] = int64(len(pieces))
	forgotten(item, k.Forget)
	holder := Write{Op: Check, Key: personKey(r.Person, "PERSON"), If: Condition{{"status", NotEqual, erasing}}}
	if len(k.OneOffs) > 0 {
		holder.Op, holder.If = Update, Condition{{"version", Equal, k.Version}}
		holder.Set = Item{"version": k.Version + 1}
	}
	writes := []Write{{Op: Put, Key: key, Item: item, If: Condition{{AttrPK, Missing, nil}}}, holder}
	// All in one transaction (at most 4 MB, and a reply's text is 1 MB): no piece may outlive an erasure.
	for i, piece := range pieces {
		pieceItem := Item{"words": piece}
		forgotten(pieceItem, k.Forget)
		writes = append(writes, Write{Op: Put, Key: pieceKey(key, i), Item: pieceItem})
	}
	// Where words are not kept, or not surely the person's, no letter says that a reply was.
	if r.Of.Subscription != 0 && r.Flag == person.NotFlagged && (r.Words != "" || r.Attachments > 0) {
		writes = append(writes, Write{
			Op: Update, Key: subscriptionKey(r.Person, r.Of.Subscription), If: Condition{{AttrPK, Exists, nil}},
			Set: Item{"lastReply": r.Date.String(), "lastAttachments": int64(r.Attachments)},
		})
	}
	for _, p := range k.Promises {
		writes = append(writes, Write{Op: Put, Key: promiseKey(p.Person, p.ID), Item: promiseItem(p)})
	}
	for _, o := range k.OneOffs {
		w, err := s.oneOffWrite(ctx, o)
		if err != nil {
			return false, err
		}
		writes = append(writes, w)
	}
	err = s.table.Transact(ctx, writes)
	var failed *ConditionFailed
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &failed) && failed.Index == 0:
		return false, nil
	case errors.As(err, &failed) && failed.Index == 1 && holder.Op == Check:
		return false, fmt.Errorf("keep a reply: %w", ErrNotFound)
	}
	return false, fmt.Errorf("keep a reply: %w", conflict(err))
}

func pieceKey(reply Key, i int) Key {
	return Key{reply.PK, fmt.Sprintf("WORDS#%s#%04d", reply.SK[len("REPLY#"):], i)}
}

// cutWords parts words into what the reply's own item holds and pieces for items beside it, never within a character.
func cutWords(words string) (head string, pieces []string) {
	cut := func(s string) int {
		if len(s) <= pieceSize {
			return len(s)
		}
		n := pieceSize
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		return n
	}
	n := cut(words)
	head, words = words[:n], words[n:]
	for words != "" {
		n = cut(words)
		pieces = append(pieces, words[:n])
		words = words[n:]
	}
	return head, pieces
}

// Replies visits the replies to letters of local dates from first to last (zero: no bound), oldest first, with all their words.
func (s *Store) Replies(ctx context.Context, id person.ID, first, last person.Date, now time.Time, visit func(person.Reply) error) error {
	return wrap(s.each(ctx, datesOf(id, "REPLY#", first, last), now, func(it Item) error {
		r, err := s.wholeReply(ctx, it)
		if err != nil {
			return err
		}
		return visit(r)
	}), "read replies")
}

// wholeReply puts the pieces of a reply together.
func (s *Store) wholeReply(ctx context.Context, it Item) (person.Reply, error) {
	r, err := replyFrom(it)
	if err != nil {
		return person.Reply{}, err
	}
	for i := range int(it.number("pieces")) {
		piece, err := s.table.Get(ctx, pieceKey(it.Key(), i))
		if err != nil {
			return person.Reply{}, fmt.Errorf("read a piece of a reply: %w", err)
		}
		r.Words += piece.text("words")
	}
	return r, nil
}

// Letters visits the records of letters of local dates from first to last (zero: no bound), oldest first.
func (s *Store) Letters(ctx context.Context, id person.ID, first, last person.Date, visit func(person.Letter) error) error {
	return wrap(s.each(ctx, datesOf(id, "LETTER#", first, last), time.Time{}, func(it Item) error {
		return visit(letterFrom(it))
	}), "read letters")
}

func datesOf(id person.ID, prefix string, first, last person.Date) Query {
	q := Query{Partition: personKey(id, "").PK, From: prefix + first.String(), To: prefix + last.String() + "~"}
	if last.IsZero() {
		q.To = prefix + "~"
	}
	return q
}

// Promises lists a person's promises, in no order that means anything.
func (s *Store) Promises(ctx context.Context, id person.ID) ([]person.Promise, error) {
	var promises []person.Promise
	err := s.each(ctx, Query{Partition: personKey(id, "").PK, Prefix: "PROMISE#"}, time.Time{}, func(it Item) error {
		promises = append(promises, promiseFrom(it))
		return nil
	})
	return promises, wrap(err, "read promises")
}

// Promise reads one promise. Errors: [ErrNotFound].
func (s *Store) Promise(ctx context.Context, id person.ID, thing person.Thing) (person.Promise, error) {
	it, err := s.get(ctx, promiseKey(id, thing), time.Time{})
	if err != nil {
		return person.Promise{}, fmt.Errorf("read a promise: %w", err)
	}
	return promiseFrom(it), nil
}

// AnswerPromise writes the person's own word about a promise, if it stands as it was read.
// Errors: [ErrConflict].
func (s *Store) AnswerPromise(ctx context.Context, read person.Promise, state person.PromiseState, at time.Time) error {
	return s.write(ctx, Write{
		Op: Update, Key: promiseKey(read.Person, read.ID), If: Condition{{"state", Equal, string(read.State)}},
		Set: Item{"state": string(state), "closed": millis(at)},
	}, "answer a promise")
}

// UseSignIn marks a sign-in link as used. Errors: [ErrConflict] if it was used before.
func (s *Store) UseSignIn(ctx context.Context, id person.ID, link person.Thing, until time.Time) error {
	return s.write(ctx, Write{
		Op: Put, Key: personKey(id, "SIGNIN#"+string(link)), Item: Item{AttrTTL: until.Unix()},
		If: Condition{{AttrPK, Missing, nil}},
	}, "use a sign-in link")
}

// AddSession opens a session. Its id alone opens nothing: the cookie that names it is signed.
func (s *Store) AddSession(ctx context.Context, id person.ID, session person.Thing, until time.Time) error {
	return s.write(ctx, Write{Op: Put, Key: personKey(id, "SESSION#"+string(session)), Item: Item{AttrTTL: until.Unix()}}, "open a session")
}

// Session reports whether a session is open. Errors: [ErrNotFound].
func (s *Store) Session(ctx context.Context, id person.ID, session person.Thing, now time.Time) error {
	_, err := s.get(ctx, personKey(id, "SESSION#"+string(session)), now)
	return wrap(err, "look up a session")
}

// EndSession closes a session.
func (s *Store) EndSession(ctx context.Context, id person.ID, session person.Thing) error {
	return s.write(ctx, Write{Op: Delete, Key: personKey(id, "SESSION#"+string(session))}, "close a session")
}
