package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/bolttable"
	"example.org/mend/shared/store/dynamo"
	"example.org/mend/shared/store/dynamo/dynamotest"
)

// data is what a run leaves for the next: the table, and what it is the table of.
type data struct {
	table store.Table
	about *bolttable.DB // says so, and keeps two runs from the same folder
	fresh bool
	close func() error
}

// about is what the data is of.
type about struct {
	N      int    `json:"n"`
	Store  string `json:"store"`
	People bool   `json:"people"` // all of them are there
}

var aboutBucket, aboutKey = []byte("bench"), []byte("about")

// open opens the data folder, or begins it.
func open(ctx context.Context, o Options) (*data, error) {
	file, err := bolttable.Open(filepath.Join(o.Data, "bench.db"), bolttable.Options{NoSync: o.Store == "nosync"})
	if err != nil {
		return nil, err
	}
	d := &data{about: file, close: file.Close}
	if err := d.begin(ctx, o); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	kind, endpoint, _ := strings.Cut(o.Store, "=")
	switch kind {
	case "file", "nosync":
		d.table = file
	case "dynamo":
		d.table, err = openDynamo(ctx, endpoint, o.Data)
	default:
		err = fmt.Errorf("no store is called %q: file, nosync or dynamo=URL", o.Store)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return d, nil
}

// begin notes what the data is of, or refuses to go on with data of something else.
func (d *data) begin(ctx context.Context, o Options) error {
	found, err := d.read(ctx)
	if err != nil {
		return err
	}
	if d.fresh = found == (about{}); d.fresh {
		return d.write(ctx, about{N: o.N, Store: o.Store})
	}
	if found.N != o.N || found.Store != o.Store {
		return fmt.Errorf("%s holds a run of --n %d --store %s: go on with that, or choose another folder",
			o.Data, found.N, found.Store)
	}
	return nil
}

func (d *data) read(ctx context.Context) (a about, err error) {
	err = d.about.View(ctx, func(tx *bolt.Tx) error {
		if b := tx.Bucket(aboutBucket); b != nil {
			return json.Unmarshal(b.Get(aboutKey), &a)
		}
		return nil
	})
	return a, err
}

func (d *data) write(ctx context.Context, a about) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return d.about.Update(ctx, func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(aboutBucket)
		if err != nil {
			return err
		}
		return b.Put(aboutKey, text)
	})
}

// openDynamo is the table of a folder, made if it is not there.
func openDynamo(ctx context.Context, endpoint, folder string) (store.Table, error) {
	client := dynamodb.NewFromConfig(config(), func(o *dynamodb.Options) {
		o.BaseEndpoint = &endpoint
		o.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = mostAtOnce
		})
	})
	path, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	name := "bench" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, path)
	name = name[max(0, len(name)-200):] // a table's name has 255 characters at most
	_, err = client.CreateTable(ctx, dynamotest.Schema(name))
	var exists *types.ResourceInUseException
	if err != nil && !errors.As(err, &exists) {
		return nil, fmt.Errorf("make a table in %s: %w", endpoint, err)
	}
	err = dynamodb.NewTableExistsWaiter(client).Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute)
	if err != nil {
		return nil, err
	}
	return dynamo.New(client, name), nil
}

// mostAtOnce is how many people are put into the store, and read from it, at once.
const mostAtOnce = 64

// each does something for all of the letters, many at once, until something goes wrong.
func (s *sender) each(ctx context.Context, do func(ctx context.Context, n int) error) error {
	var next atomic.Int64
	var all sync.WaitGroup
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for range mostAtOnce {
		all.Go(func() {
			for n := int(next.Add(1)); n <= s.N && ctx.Err() == nil; n = int(next.Add(1)) {
				if err := do(ctx, n); err != nil {
					cancel(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// addPeople puts those who are to get a letter into the store, unless they are there.
func (s *sender) addPeople(ctx context.Context, d *data) error {
	a, err := d.read(ctx)
	if err != nil || a.People {
		return err
	}
	fmt.Fprintf(s.Say, "putting %d people into the store\n", s.N)
	err = s.each(ctx, func(ctx context.Context, n int) error {
		err := s.svc.Store.Commit(ctx, newPerson(n, s.clock.due.AddDate(0, -1, 0)))
		if errors.Is(err, store.ErrConflict) { // of a run that was killed while it did this
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	a.People = true
	return d.write(ctx, a)
}

var paths = []string{"amends", "together", "betrayal", "foundations", "apart"}

// newPerson is who gets the n-th letter.
func newPerson(n int, created time.Time) store.Transaction {
	p := mend.Person{
		ID: idOf(n), Address: mend.StoredAddress(fmt.Sprintf("user%d@example.test", n)), Name: "Alexandra",
		Status: mend.Active, Zone: zone, Locale: "en", Privacy: mend.NoQuotes, Retention: mend.KeepForGood,
		Created: created,
	}
	return store.Transaction{Person: p, Subscriptions: []mend.Subscription{{
		Person: p.ID, Number: mend.CheckInNumber, Kind: mend.CheckIn, Status: mend.Active, Address: p.Address,
		Name: p.Name, Privacy: p.Privacy, Cadence: mend.Cadence{Kind: mend.Daily, Time: hour, Zone: zone},
		Path: paths[n%len(paths)], FirstDate: day,
	}}}
}

// idOf is the id of the n-th person: sixteen letters.
func idOf(n int) mend.ID {
	id := []byte("aaaaaaaaaaaaaaaa")
	for i := len(id) - 1; n > 0; i, n = i-1, n/26 {
		id[i] = byte('a' + n%26)
	}
	return mend.ID(id)
}

// audit looks up what became of each letter.
func (s *sender) audit(ctx context.Context, r *Result) error {
	var mu sync.Mutex
	unknown := make([]bool, s.N+1)
	err := s.each(ctx, func(ctx context.Context, n int) error {
		l, err := s.svc.Store.Letter(ctx, idOf(n), mend.LetterKey{Date: day, Subscription: mend.CheckInNumber})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			r.LeftOut++
		case l.Outcome == mend.Accepted:
			r.Accepted++
		case l.Outcome == mend.Failed:
			r.Failed++
		case l.Outcome == mend.GivenUp:
			r.GivenUp++
			unknown[n] = true
		case l.Outcome == mend.Expired:
			r.Expired++
		}
		return nil
	})
	r.Unknown = r.GivenUp
	r.UnknownTo = []string{}
	for n := range unknown {
		if unknown[n] {
			r.UnknownTo = append(r.UnknownTo, fmt.Sprintf("user%d@example.test", n))
		}
	}
	if err == nil && r.LeftOut > 0 {
		err = fmt.Errorf("%d of %d people have no letter: is this the table that %s belongs to?",
			r.LeftOut, s.N, s.Data)
	}
	return err
}
