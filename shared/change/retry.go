package change

import (
	"context"
	"errors"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// GoneIfNotFound turns what is not there any more into a sentence for people.
func GoneIfNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return mend.ErrExpiredLink
	}
	return err
}

func IgnoreConflict(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// IgnoreGone forgives what was asked for somebody who is not here any more.
func IgnoreGone(err error) error {
	if gone, ok := errors.AsType[*mend.Error](err); ok && gone.Code == mend.Gone {
		return nil
	}
	return err
}

// RetryIdempotent does up to three times what may be done twice: to lose the answer to a claim or to a
// record costs a letter. What the table decided, it does not ask again.
func RetryIdempotent(do func() error) error {
	var err error
	for range 3 {
		err = do()
		if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrClaimed) || errors.Is(err, context.Canceled) {
			break
		}
	}
	return err
}
