package main

import (
	"context"
	"errors"
	"fmt"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
)

// addressFlag asks for somebody by their address. It is never printed and never logged.
type addressFlag struct {
	Address string `placeholder:"ADDRESS" help:"Their address. Default: we ask, so that it is in no shell history."`
}

var errNobody = errors.New("we know no one with this address")

// find looks somebody up as the pages do: by the name that the secret gives their address.
func (f addressFlag) find(ctx context.Context, svc *service.Service) (mend.Person, error) {
	typed := f.Address
	if typed == "" {
		var err error
		if typed, err = ask("Their address: "); err != nil {
			return mend.Person{}, err
		}
	}
	address, err := account.ParseAddress(typed)
	if err != nil {
		return mend.Person{}, fmt.Errorf("the address: %w", err)
	}
	record, err := svc.Store.Address(ctx, address)
	if err != nil {
		return mend.Person{}, err
	}
	if record.Person == "" {
		return mend.Person{}, errNobody
	}
	w, err := svc.Store.Load(ctx, record.Person, svc.Now())
	if errors.Is(err, store.ErrNotFound) {
		return mend.Person{}, errNobody
	}
	return w.Person, err
}

// asThemselves is the access of somebody who signed in: an operator acts for a person who asked for it.
func asThemselves(p mend.Person) account.Access {
	return account.Access{Person: p.ID, SignedIn: true}
}
