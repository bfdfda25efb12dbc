package bolttable_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/bolttable"

	bolt "go.etcd.io/bbolt"
)

// childFile names the file to which this test binary, started by
// [TestKilledWritesAreWholeAndThere], is to write until it is killed.
const childFile = "MEND_TEST_CHILD_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeUntilKilled writes in many ways at once, and prints a line for every write
// that was acknowledged: the worker's name and its count.
func writeUntilKilled(path string) error {
	say := func(worker string, n int64) { fmt.Fprintf(os.Stdout, "%s %d\n", worker, n) }
	say("opening", 0)
	db, err := bolttable.Open(path, bolttable.Options{})
	if err != nil {
		return err
	}
	table, failed := db, make(chan error)
	for _, worker := range workers {
		go func() {
			n, err := counted(table, worker.name)
			if err != nil {
				failed <- err
				return
			}
			for {
				n++
				if err := worker.write(table, worker.name, n); err != nil {
					failed <- fmt.Errorf("%s: %w", worker.name, err)
					return
				}
				say(worker.name, n)
			}
		}()
	}
	return <-failed
}

var ctx = context.Background()

var errOther = errors.New("a write that nobody else could hinder was not done")

// The workers write their n-th step in one go: the count under their name, and beside it what
// a step must take along.
var workers = []struct {
	name  string
	write func(table store.Table, name string, n int64) error
}{
	{"put 1", putOne}, {"put 2", putOne}, {"put 3", putOne},
	{"transact 1", transactThree}, {"transact 2", transactThree},
	{"each", writeMany},
	{"move", moveSlot},
}

func counterKey(name string) store.Key { return store.Key{PK: name, SK: "-"} }

func counted(table store.Table, name string) (int64, error) {
	it, err := table.Get(ctx, counterKey(name))
	n, _ := it["n"].(int64)
	return n, err
}

// count is conditional: a lost step would make the next one fail.
func count(name string, n int64) store.Write {
	w := store.Write{Op: store.Update, Key: counterKey(name), Set: store.Item{"n": n}}
	if n > 1 {
		w.If = store.Condition{{Attr: "n", Is: store.Equal, Value: n - 1}}
	}
	return w
}

func putOne(table store.Table, name string, n int64) error {
	_, err := table.Write(ctx, count(name, n))
	return err
}

// transactThree keeps three items equal, two of them large enough for pages of their own.
func transactThree(table store.Table, name string, n int64) error {
	second, third := count(name+" b", n), count(name+" c", n)
	words := strings.Repeat(fmt.Sprint(n%10), int(n*997%9000))
	second.Set["words"], third.Set["words"] = words, words
	return table.Transact(ctx, []store.Write{count(name, n), second, third})
}

func writeMany(table store.Table, name string, n int64) error {
	if n == 1 { // no update of a WriteEach makes an item
		if err := putOne(table, name, 0); err != nil {
			return err
		}
	}
	writes := []store.Write{count(name, n)}
	for i := range 24 {
		writes = append(writes, store.Write{
			Op: store.Put, Key: store.Key{PK: name, SK: fmt.Sprintf("%d#%d", n, i)},
			Item: store.Item{"n": n, "ttl": n, "slot": fmt.Sprint("slot ", n%5), "member": fmt.Sprintf("%d#%d", n, i)},
		})
	}
	errs, err := table.WriteEach(ctx, writes)
	if err == nil && errors.Join(errs...) != nil {
		err = errOther
	}
	return err
}

// moveSlot moves an item from slot to slot, so that the index changes with every step.
func moveSlot(table store.Table, name string, n int64) error {
	w := count(name, n)
	w.Set["slot"], w.Set["member"], w.Set["ttl"] = fmt.Sprint("slot ", n%5), "mover", n
	_, err := table.Write(ctx, w)
	return err
}

func TestKilledWritesAreWholeAndThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	random := rand.New(rand.NewPCG(1, 2))
	acknowledged := map[string]int64{}
	for round := range 12 {
		lines := 1 + random.IntN(400)
		if round < 4 {
			lines = 1 // while it opens, and the first times makes, the file
		}
		killAfter(t, path, lines, acknowledged)
		check(t, path, acknowledged)
	}
	total := int64(0)
	for _, worker := range workers {
		if acknowledged[worker.name] == 0 {
			t.Errorf("%s: never acknowledged, so this test has shown nothing", worker.name)
		}
		total += acknowledged[worker.name]
	}
	t.Logf("%d writes were acknowledged", total)
}

// killAfter runs a child until it has printed so many lines, kills it, and
// notes the last count that each worker printed, those still in the pipe among them.
func killAfter(t *testing.T, path string, lines int, acknowledged map[string]int64) {
	t.Helper()
	var complaint strings.Builder
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFile+"="+path)
	child.Stderr = &complaint
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	printed := bufio.NewScanner(out)
	for n := 1; printed.Scan(); n++ {
		line := printed.Text()
		space := strings.LastIndexByte(line, ' ')
		var count int64
		if _, err := fmt.Sscan(line[space+1:], &count); err != nil {
			t.Fatalf("child printed %q", line)
		}
		acknowledged[line[:space]] = count
		if n == lines {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("child ended by itself: %v %s", err, complaint.String())
	}
}

// check opens the file as the next `mend run` would, and wants all that was
// acknowledged, nothing half, and an index that agrees with the table.
func check(t *testing.T, path string, acknowledged map[string]int64) {
	t.Helper()
	db, err := bolttable.Open(path, bolttable.Options{})
	if err != nil {
		t.Fatal(err)
	}
	table := db
	for _, worker := range workers {
		n, err := counted(table, worker.name)
		if err != nil {
			t.Fatal(err)
		}
		if want := acknowledged[worker.name]; n != want && n != want+1 { // the step at the kill may have happened
			t.Errorf("%s: got %d, acknowledged %d", worker.name, n, want)
		}
		if strings.HasPrefix(worker.name, "transact") {
			for _, other := range []string{" b", " c"} {
				if got, err := counted(table, worker.name+other); err != nil || got != n {
					t.Errorf("%s: got %d, %v beside %d: half a transaction", worker.name+other, got, err, n)
				}
			}
		}
		acknowledged[worker.name] = n // the next child goes on from here
	}

	want := map[store.Key]string{}
	for _, partition := range []string{"each", "move"} {
		for _, it := range everything(t, table, store.Query{Partition: partition}) {
			if slot, there := it["slot"].(string); there {
				want[it.Key()] = slot
			}
		}
	}
	if n := int64(len(want)); n < 24*acknowledged["each"] {
		t.Errorf("got %d items of the %d writes of 25", n, acknowledged["each"])
	}
	found := 0
	for i := range 5 {
		for _, it := range everything(t, table, store.Query{Slots: true, Partition: fmt.Sprint("slot ", i)}) {
			if found++; want[it.Key()] != it["slot"] {
				t.Errorf("the index has %v in %v, the table in %q", it.Key(), it["slot"], want[it.Key()])
			}
		}
	}
	if found != len(want) {
		t.Errorf("the index has %d items, the table %d", found, len(want))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("got files %v, %v, want the data file alone", files, err)
	}
	checkPages(t, path)
}

func everything(t *testing.T, table store.Table, q store.Query) (items []store.Item) {
	t.Helper()
	for {
		page, err := table.Query(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, page.Items...)
		if page.Next == "" {
			return items
		}
		q.After = page.Next
	}
}

// checkPages lets bbolt look at every page.
func checkPages(t *testing.T, path string) {
	t.Helper()
	file, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	err = file.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			t.Errorf("page: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
