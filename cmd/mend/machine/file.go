package machine

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	blobs "example.org/mend/shared/blob/local"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/operate"
	post "example.org/mend/shared/post/local"
	queue "example.org/mend/shared/queue/local"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/embedded"
)

// File is what one machine keeps. `mend run` serves it; while it does not run, an operator's command may open it.
type File struct {
	path    string
	db      *embedded.DB
	blobs   *blobs.Blobs
	mailbox *post.Mailbox
	clock   *clock
	lines   map[string]*queue.Queue
}

// QueueNames are the queues of a machine, which are those of a stack on AWS.
var QueueNames = []string{string(mend.SendQueue), string(mend.NowQueue), receiptQueue, feedbackQueue}

const fileName = "mend.db"

// OpenFile opens the file in a data folder, which must be there. Its errors say what to do, [embedded.ErrLocked] among them.
func OpenFile(ctx context.Context, folder string) (*File, error) {
	path := filepath.Join(folder, fileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s: `mend run --data %s` makes one", path, folder)
	}
	return openFile(ctx, path, time.Time{}, false)
}

func openFile(ctx context.Context, path string, start time.Time, standing bool) (*File, error) {
	db, err := embedded.Open(path, embedded.Options{})
	if err != nil {
		return nil, err
	}
	f := &File{
		path: path, db: db, mailbox: post.New(db), blobs: blobs.New(db, blobs.Lifecycle{"raw/": 3}), lines: map[string]*queue.Queue{},
	}
	for _, name := range QueueNames {
		f.lines[name] = queue.New(db, name, queue.Options{MaxReceive: maxReceive})
	}
	if f.clock, err = openClock(ctx, db, start, standing); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return f, nil
}

// OpenCopy opens a copy of a data file, wherever it is.
func OpenCopy(ctx context.Context, path string) (*File, error) {
	return openFile(ctx, path, time.Time{}, false)
}

// TakeOver takes from a newer file of the same machine what a backup must not undo: keys that were made since, the restore journal, where the
// clock stands.
func (f *File) TakeOver(ctx context.Context, newer *File) error {
	mine, err := secretsByName(ctx, f)
	if err != nil {
		return err
	}
	theirs, err := secretsByName(ctx, newer)
	if err != nil {
		return err
	}
	for name, value := range theirs {
		switch own, there := mine[name]; {
		case !there:
			err = f.Keys().Make(ctx, name, value)
		case own != value:
			err = errors.New("the backup has other keys: it is of another machine")
		}
		if err != nil {
			return err
		}
	}
	entries, err := newer.blobs.List(ctx, "journal/")
	if err != nil {
		return err
	}
	for _, e := range entries {
		_, what, _ := strings.Cut(e.Key[strings.LastIndexByte(e.Key, '/')+1:], "-")
		if err := f.blobs.Put(ctx, e.Created, e.Key, strings.NewReader(what)); err != nil {
			return err
		}
	}
	f.clock.jump(newer.Now())
	return f.clock.remember(ctx)
}

func secretsByName(ctx context.Context, f *File) (map[string]string, error) {
	names := map[string]string{}
	for _, part := range keyring.Parts {
		all, err := f.Keys().Below(ctx, KeyPath+"/"+string(part))
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			names[p.Name] = p.Value
		}
	}
	return names, nil
}

// DataFile is where everything is kept.
func (f *File) DataFile() string { return f.path }

// Now is the instant at which the machine's clock stands.
func (f *File) Now() time.Time { return f.clock.Now() }

// Table is the records.
func (f *File) Table() store.Table { return f.db.Table() }

// Line is the queue of that name.
func (f *File) Line(name string) *queue.Queue { return f.lines[name] }

// Keys are the secrets of the machine, as if Parameter Store kept them.
func (f *File) Keys() keyring.Writer { return parameters{f.db} }

// Journal lists the restore journal.
func (f *File) Journal() operate.Lister { return blobStore{f} }

// Service is the use cases over the file, but for those that compose letters: what they queue, `mend run` sends.
func (f *File) Service(ctx context.Context, log *slog.Logger) (*service.Service, error) {
	c, err := f.ports(ctx, log)
	if err != nil {
		return nil, err
	}
	return service.New(c), nil
}

// ports are those that the file has: all but a mail service.
func (f *File) ports(ctx context.Context, log *slog.Logger) (service.Config, error) {
	ring, err := openKeys(ctx, f.Keys())
	if err != nil {
		return service.Config{}, err
	}
	return service.Config{
		Store: store.New(f.Table(), ring.Address), Queue: queues{f}, Blobs: blobStore{f},
		Keys: ring.Links, ReplyKeys: ring.Replies, Now: f.clock.Now, Rand: rand.Reader, Log: log,
	}, nil
}

// Forget writes the file anew, without what was deleted: until then its words stand in unused pages.
func (f *File) Forget() error { return f.db.Compact() }

// Close closes the file.
func (f *File) Close() error { return f.db.Close() }

type queues struct{ f *File }

func (a queues) Send(ctx context.Context, to mend.QueueName, messages ...mend.Message) error {
	queued := make([]queue.Message, len(messages))
	for i, m := range messages {
		queued[i] = queue.Message{Body: string(m.Body), Delay: m.Delay}
	}
	return a.f.lines[string(to)].Send(ctx, a.f.clock.Now(), queued...)
}

type blobStore struct{ f *File }

func (a blobStore) Put(ctx context.Context, key string, data []byte) error {
	return a.f.blobs.Put(ctx, a.f.clock.Now(), key, bytes.NewReader(data))
}

func (a blobStore) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := a.f.blobs.Get(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, mend.ErrNoBlob
	}
	return r, err
}

func (a blobStore) Delete(ctx context.Context, key string) error { return a.f.blobs.Delete(ctx, key) }

// List is that of [service.Lister].
func (a blobStore) List(ctx context.Context, prefix, from string) ([]string, error) {
	all, err := a.f.blobs.List(ctx, prefix)
	var keys []string
	for _, b := range all {
		if b.Key >= from {
			keys = append(keys, b.Key)
		}
	}
	return keys, err
}

// Rescue saves what is whole of a damaged file into a new one in another folder.
func Rescue(ctx context.Context, folder, into string) (embedded.Rescued, error) {
	return embedded.Rescue(ctx, filepath.Join(folder, fileName), filepath.Join(into, fileName))
}
