package local

import (
	"bytes"
	"context"
	"errors"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/keyring"
	"example.org/mend/shared/store/bolttable"
)

// Keys are secrets under names that are paths, as Parameter Store keeps them on AWS. It implements
// [keyring.Writer].
type Keys struct{ db *bolttable.DB }

// Below implements [keyring.Reader]. It leaves out the date, which would keep a new secret from signing
// for a while: no other process reads them.
func (k Keys) Below(ctx context.Context, path string) (all []keyring.Parameter, err error) {
	err = k.db.View(ctx, func(tx *bolt.Tx) error {
		prefix, cursor := []byte(path+"/"), tx.Bucket(keysBucket).Cursor()
		for name, value := cursor.Seek(prefix); bytes.HasPrefix(name, prefix); name, value = cursor.Next() {
			all = append(all, keyring.Parameter{Name: string(name), Value: string(value)})
		}
		return nil
	})
	return all, err
}

// Make implements [keyring.Writer].
func (k Keys) Make(ctx context.Context, name, value string) error {
	return k.db.Update(ctx, func(tx *bolt.Tx) error {
		bucket := tx.Bucket(keysBucket)
		if bucket.Get([]byte(name)) != nil {
			return errors.New("this name is taken")
		}
		return bucket.Put([]byte(name), []byte(value))
	})
}
