package machine

import (
	"context"
	"errors"

	"example.org/mend/functions/feedback"
	"example.org/mend/shared/mend"
	post "example.org/mend/shared/post/local"
)

// mailer puts letters into the machine's mailbox, at the machine's own time.
type mailer struct{ f *File }

func (a mailer) Send(ctx context.Context, o mend.Outgoing) (string, error) {
	id, err := a.f.mailbox.Deliver(ctx, a.f.clock.Now(), post.Letter{
		From: letterBox, To: o.To, Raw: o.Raw, Kind: o.Kind,
		Tags: map[string]string{feedback.OccurrenceTag: o.Occurrence, feedback.AttemptTag: o.Attempt},
	})
	if err != nil { // the file takes all of a letter or nothing
		return "", errors.Join(mend.ErrNotSent, err)
	}
	return id, nil
}
