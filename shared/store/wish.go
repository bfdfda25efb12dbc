package store

import (
	"context"
	"fmt"
	"time"

	"example.org/mend/shared/mend"
)

// SignupRequest is what somebody asked for in the sign-up form. Of a person who was here before it
// is kept apart from what they are: whoever fills in a form need not be who it is about, until they
// say yes.
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
func (s *Store) SignupRequest(ctx context.Context, id mend.ID, now time.Time) (SignupRequest, error) {
	it, err := s.get(ctx, wishKey(id), now)
	if err != nil {
		return SignupRequest{}, fmt.Errorf("read what was asked for: %w", err)
	}
	return SignupRequest{
		Name: it.text("name"), Path: it.text("path"), Privacy: mend.Privacy(it.text("privacy")),
		Cover: it.text("cover"), Rhythm: cadenceFrom(it), Digest: it.flag("digest"),
		DigestDay: int(it.number("digestDay")), NoContact: it.flag("noContact"), Asked: it.instant("asked"),
		Until: it.forget(),
	}, nil
}

func wishKey(id mend.ID) Key { return personKey(id, "WISH") }

func wishWrite(id mend.ID, w SignupRequest) Write {
	if w == (SignupRequest{}) {
		return Write{Op: Delete, Key: wishKey(id)}
	}
	item := Item{
		"name": w.Name, "path": w.Path, "privacy": string(w.Privacy), "cover": w.Cover, "rule": rule(w.Rhythm),
		"zone": w.Rhythm.Zone, "digest": w.Digest, "digestDay": int64(w.DigestDay), "noContact": w.NoContact,
		"asked": millis(w.Asked),
	}
	forgotten(item, w.Until)
	return Write{Op: Put, Key: wishKey(id), Item: item}
}
