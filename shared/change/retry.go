package change

import (
	"context"
	"errors"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Retry calls f again while f loses races, five times at most. People rarely race
// anyone but themselves.
func Retry(f func() error) error {
	for range 5 {
		if err := f(); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return mend.ErrConcurrentChange
}

// GoneIfNotFound turns what is not there any more into a sentence for people.
func GoneIfNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return mend.ErrExpiredLink
	}
	return err
}

// IgnoreGone forgives what was asked for someone whose account is gone.
func IgnoreGone(err error) error {
	if gone, ok := errors.AsType[*mend.Error](err); ok && gone.Code == mend.Gone {
		return nil
	}
	return err
}

// RetryIdempotent calls f up to three times. A lost answer to a claim or to a record costs a
// letter, and f is safe to repeat. It stops on what the table has decided.
func RetryIdempotent(f func() error) error {
	var err error
	for range 3 {
		err = f()
		if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrClaimed) ||
			errors.Is(err, context.Canceled) {
			break
		}
	}
	return err
}
