package simulation

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// blobs is the bucket. A restore of the table does not touch it.
type blobs struct {
	world *world
	kept  map[string][]byte
}

func (b *blobs) Put(_ context.Context, key string, data []byte) error {
	fate := b.world.call("put blob", store.Key{PK: key})
	if err := fate.before(b.world); err != nil {
		return err
	}
	b.kept[key] = data
	b.world.table.meter.put()
	return fate.after(b.world)
}

func (b *blobs) Open(_ context.Context, key string) (io.ReadCloser, error) {
	fate := b.world.call("open blob", store.Key{PK: key})
	if err := fate.before(b.world); err != nil {
		return nil, err
	}
	b.world.table.meter.got()
	data, there := b.kept[key]
	if err := fate.after(b.world); err != nil {
		return nil, err
	}
	if !there {
		return nil, mend.ErrNoBlob
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (b *blobs) Delete(_ context.Context, key string) error {
	fate := b.world.call("delete blob", store.Key{PK: key})
	if err := fate.before(b.world); err != nil {
		return err
	}
	delete(b.kept, key)
	return fate.after(b.world)
}

// List names the keys under a prefix, from one on, in order.
func (b *blobs) List(_ context.Context, prefix, from string) ([]string, error) {
	fate := b.world.call("list blobs", store.Key{PK: prefix})
	if err := fate.before(b.world); err != nil {
		return nil, err
	}
	var keys []string
	for key := range b.kept {
		if strings.HasPrefix(key, prefix) && key >= from {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, fate.after(b.world)
}
