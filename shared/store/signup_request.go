package store

import (
	"context"
	"time"

	"example.org/mend/shared/mend"
)

// SignupRequest is what was asked for in the sign-up form. If the person was here before, it is
// kept apart from their settings until they say yes: someone else may have filled in the form.
type SignupRequest struct {
	Name      string
	Path      string
	Privacy   mend.Privacy
	Cover     string
	Rhythm    mend.Cadence
	Digest    bool
	DigestDay int
	NoContact bool
	Asked     time.Time
	Until     time.Time // when it is forgotten
}

// SignupRequest reads what a person's newest confirmation would start. Errors: [ErrNotFound].
func (s *Accounts) SignupRequest(ctx context.Context, id mend.ID, now time.Time) (SignupRequest, error) {
	it, err := s.get(ctx, signupKey(id), now)
	w := record(it, signupFields)
	w.Until = it.expiry()
	return w, wrap(err, "read what was asked for")
}

func signupKey(id mend.ID) Key { return personKey(id, "WISH") }

func signupWrite(id mend.ID, w SignupRequest) Write {
	if w == (SignupRequest{}) {
		return Write{Op: Delete, Key: signupKey(id)}
	}
	item := signupFields(&w).item()
	expire(item, w.Until)
	return Write{Op: Put, Key: signupKey(id), Item: item}
}

func signupFields(w *SignupRequest) fields {
	return fields{
		{"name", &w.Name}, {"path", &w.Path}, {"privacy", (*string)(&w.Privacy)}, {"cover", &w.Cover},
		{"rule", &w.Rhythm}, {"zone", &w.Rhythm.Zone}, {"digest", &w.Digest}, {"digestDay", &w.DigestDay},
		{"noContact", &w.NoContact}, {"asked", &w.Asked},
	}
}
