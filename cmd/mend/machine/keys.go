package machine

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
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
	return keyring.Read(ctx, keys, KeyPath, time.Now(), keyring.Parts...)
}

// parameters are secrets in the data file, as Parameter Store keeps them on AWS.
type parameters struct{ db *embedded.DB }

const (
	keysBucket = "keys"

	// firstSecrets is where older files have their first two secrets: 32 bytes of the first key, 32 of the address key.
	firstSecrets = "secrets"

	// older begins the names of the keys of such files, which serve both for links and for reply addresses.
	older = KeyPath + "/token-"
)

// Below is the secrets of a part, without the date that would keep a new one from signing: no other process reads them.
func (p parameters) Below(ctx context.Context, path string) ([]keyring.Parameter, error) {
	var all []keyring.Parameter
	part := keyring.Part(strings.TrimPrefix(path, KeyPath+"/"))
	err := p.db.View(ctx, func(tx embedded.Tx) error {
		all = nil
		if first := tx.Bucket(machineBucket).Get([]byte(firstSecrets)); len(first) == 64 {
			secret := first[:32]
			if part == keyring.Address {
				secret = first[32:]
			}
			all = append(all, keyring.Parameter{Name: path + "/1", Value: base64.StdEncoding.EncodeToString(secret)})
		} else if first != nil {
			return fmt.Errorf("the secrets in the data file have %d bytes, not 64: the file is damaged", len(first))
		}
		for key, value := range tx.Bucket(keysBucket).Ascend(nil, nil) {
			name := string(key)
			if name == KeyPath+"/address" {
				name = KeyPath + "/address/1"
			}
			if number, ok := strings.CutPrefix(name, older); ok && part != keyring.Address {
				name = path + "/" + number
			}
			if strings.HasPrefix(name, path+"/") {
				all = append(all, keyring.Parameter{Name: name, Value: string(value)})
			}
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
			return errors.New("this name is taken")
		}
		return bucket.Put([]byte(name), []byte(value))
	})
}
