package machine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"

	"example.org/mend/functions/feedback"
	post "example.org/mend/shared/post/local"
	queue "example.org/mend/shared/queue/local"
	"example.org/mend/shared/service"
)

// The adapters give the service what it asks for, at the machine's own time.

type mailer struct{ m *Machine }

func (a mailer) Send(ctx context.Context, o service.Outgoing) (string, error) {
	id, err := a.m.mailbox.Deliver(ctx, a.m.clock.Now(), post.Letter{
		From: letterBox, To: o.To, Raw: o.Raw, Kind: o.Kind,
		Tags: map[string]string{feedback.OccurrenceTag: o.Occurrence, feedback.AttemptTag: o.Attempt},
	})
	if err != nil { // the file takes all of a letter or nothing
		return "", errors.Join(service.ErrNotSent, err)
	}
	return id, nil
}

type queues struct{ m *Machine }

func (a queues) Send(ctx context.Context, to service.QueueName, bodies ...[]byte) error {
	messages := make([]queue.Message, len(bodies))
	for i, body := range bodies {
		messages[i].Body = string(body)
	}
	return a.m.queues[string(to)].queue.Send(ctx, a.m.clock.Now(), messages...)
}

type blobStore struct{ m *Machine }

func (a blobStore) Put(ctx context.Context, key string, data []byte) error {
	return a.m.blobs.Put(ctx, a.m.clock.Now(), key, bytes.NewReader(data))
}

func (a blobStore) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := a.m.blobs.Get(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, service.ErrNoBlob
	}
	return r, err
}

func (a blobStore) Delete(ctx context.Context, key string) error { return a.m.blobs.Delete(ctx, key) }
