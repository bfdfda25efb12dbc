package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
)

// addressFlag names a person by their address, which is never printed and never logged.
type addressFlag struct {
	Address string `placeholder:"ADDRESS" help:"Their address. Default: we ask, so that it is in no shell history."`
}

// find looks the person up as the pages do, by a keyed hash of their address.
func (f addressFlag) find(
	ctx context.Context, out io.Writer, in *target,
) (svc *service.Service, p mend.Person, err error) {
	if svc, err = in.service(ctx); err != nil {
		return nil, p, err
	}
	typed := f.Address
	if typed == "" {
		if typed, err = ask(ctx, out, "Their address: "); err != nil {
			return nil, p, err
		}
	}
	address, err := account.ParseAddress(typed)
	if err != nil {
		return nil, p, fmt.Errorf("the address: %w", err)
	}
	record, err := svc.Store.Address(ctx, address)
	if err != nil {
		return nil, p, err
	}
	a, err := svc.Store.Load(ctx, record.Person, svc.Now())
	if record.Person == "" || errors.Is(err, store.ErrNotFound) {
		return nil, p, errors.New("we know no one with this address")
	}
	return svc, a.Person, err
}

// asThemselves is the access of someone who signed in: an operator acts for a person who asked for
// it.
func asThemselves(p mend.Person) account.Access {
	return account.Access{Person: p.ID, SignedIn: true}
}
