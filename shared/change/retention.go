package change

import (
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// VisibleWords is what of a person's words is kept.
func VisibleWords(p mend.Person, words string) string {
	if p.Retention == mend.KeepNone {
		return ""
	}
	return words
}

// ApplyRetention applies what the person chose to a reply that comes in. Their word stands even
// before the table has caught up.
func ApplyRetention(p mend.Person, kept *store.ReplyKept) {
	kept.Retention = p.Retention
	kept.Reply.Words = VisibleWords(p, kept.Reply.Words)
	switch p.Retention {
	case mend.KeepNone:
		kept.Reply.Answers, kept.Reply.AttachmentNames = nil, nil
	case mend.Keep90Days:
		kept.Forget = kept.Reply.At.Add(store.WordsLife)
	}
}

// VisibleReply is a reply as it may be shown; false if its time is over.
func VisibleReply(p mend.Person, r mend.Reply, now time.Time) (mend.Reply, bool) {
	if p.Retention == mend.KeepNone {
		r.Words, r.Answers, r.AttachmentNames = "", nil, nil
	}
	return r, p.Retention != mend.Keep90Days || now.Before(r.At.Add(store.WordsLife))
}

// VisiblePromises is those of the promises that may be shown, even before the table has caught up.
func VisiblePromises(p mend.Person, promises []mend.Promise, now time.Time) []mend.Promise {
	var kept []mend.Promise
	for _, promise := range promises {
		promise.Words = VisibleWords(p, promise.Words)
		if p.Retention != mend.Keep90Days || now.Before(store.PromiseGoes(promise)) {
			kept = append(kept, promise)
		}
	}
	return kept
}
