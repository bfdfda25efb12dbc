package local

import (
	"context"
	"errors"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/keyring"
)

// Keys are secrets under names that are paths, as Parameter Store keeps them on AWS. It implements
// [keyring.Writer].
type Keys struct{ records[string] }

// Below implements [keyring.Reader]. It leaves out the date, which would keep a new secret from
// signing for a while: no other process reads them.
func (k Keys) Below(ctx context.Context, path string) (all []keyring.Parameter, err error) {
	err = k.each(ctx, path+"/", "", func(name, value string) bool {
		all = append(all, keyring.Parameter{Name: name, Value: value})
		return true
	})
	return all, err
}

// Make implements [keyring.Writer].
func (k Keys) Make(ctx context.Context, name, value string) error {
	return k.db.Update(ctx, func(tx *bolt.Tx) error {
		if k.has(tx, name) {
			return errors.New("this name is taken")
		}
		return k.put(tx, name, value)
	})
}
