package machine

import (
	"context"
	"crypto/rand"
	"fmt"

	"example.org/mend/shared/store/embedded"
	"example.org/mend/shared/token"
)

const secretsKey = "secrets"

// openKeys reads the secrets of this machine: the key that signs tokens and the one that
// names addresses. They are made at the first start and stand in the data file.
func openKeys(ctx context.Context, db *embedded.DB) (token.Keys, []byte, error) {
	fresh := make([]byte, 64)
	if _, err := rand.Read(fresh); err != nil {
		return token.Keys{}, nil, err
	}
	var secrets []byte
	err := db.Update(ctx, func(tx embedded.Tx) error {
		bucket := tx.Bucket(machineBucket)
		if secrets = append([]byte(nil), bucket.Get([]byte(secretsKey))...); len(secrets) != 0 {
			return nil
		}
		secrets = fresh
		return bucket.Put([]byte(secretsKey), fresh)
	})
	if err != nil {
		return token.Keys{}, nil, fmt.Errorf("read the secrets: %w", err)
	}
	if len(secrets) != len(fresh) {
		return token.Keys{}, nil, fmt.Errorf("the secrets in the data file have %d bytes, not %d: the file is damaged", len(secrets), len(fresh))
	}
	keys, err := token.NewKeys(token.Key{ID: 1, Secret: [32]byte(secrets[:32])})
	return keys, secrets[32:], err
}
