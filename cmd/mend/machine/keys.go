package machine

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/keyring"
	"example.org/mend/shared/store/embedded"
)

// KeyPath is where the keys of a machine are: a path in its own file.
const KeyPath = "keys"

// openKeys reads the ring of this machine, whose keys are made at the first start.
func openKeys(ctx context.Context, keys keyring.Writer) (keyring.Ring, error) {
	if _, err := keyring.Init(ctx, keys, KeyPath); err != nil {
		return keyring.Ring{}, err
	}
	return keyring.Read(ctx, keys, KeyPath, time.Now())
}

// parameters are secrets in the data file, as Parameter Store keeps them on AWS.
type parameters struct{ db *embedded.DB }

const (
	keysBucket = "keys"

	// firstSecrets is where older files have their first two secrets: 32 bytes of token-1, 32 of the address key.
	firstSecrets = "secrets"
)

// Below is every secret, without the date that would keep a new one from signing: no other process reads them.
func (p parameters) Below(ctx context.Context, path string) ([]keyring.Parameter, error) {
	var all []keyring.Parameter
	err := p.db.View(ctx, func(tx embedded.Tx) error {
		all = nil
		if first := tx.Bucket(machineBucket).Get([]byte(firstSecrets)); len(first) == 64 {
			all = append(all, keyring.Parameter{Name: path + "/token-1", Value: base64.StdEncoding.EncodeToString(first[:32])},
				keyring.Parameter{Name: path + "/address", Value: base64.StdEncoding.EncodeToString(first[32:])})
		} else if first != nil {
			return fmt.Errorf("the secrets in the data file have %d bytes, not 64: the file is damaged", len(first))
		}
		for name, value := range tx.Bucket(keysBucket).Ascend(nil, nil) {
			all = append(all, keyring.Parameter{Name: string(name), Value: string(value)})
		}
		return nil
	})
	return all, err
}

// Make keeps a secret under a name that has none.
func (p parameters) Make(ctx context.Context, name, value string) error {
	return p.db.Update(ctx, func(tx embedded.Tx) error {
		bucket := tx.Bucket(keysBucket)
		if bucket.Get([]byte(name)) != nil {
			return errors.New("there is one of that name")
		}
		return bucket.Put([]byte(name), []byte(value))
	})
}
