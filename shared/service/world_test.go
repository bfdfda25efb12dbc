package service_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/export"
	"example.org/mend/shared/heap"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/memtable"
	"example.org/mend/shared/token"
)

const (
	site        = "https://mend.test"
	replyDomain = "reply.mend.test"
	annMail     = "ann@example.test"
)

// TestMain collects garbage as rarely as the functions do: the worlds are small, and many.
func TestMain(m *testing.M) {
	heap.CollectLess(0)
	os.Exit(m.Run())
}

// world is the real service over the real records, with a clock that is set, and a queue, a mail
// service and blobs that do what the real ones do when they are at their worst. It is driven by one
// goroutine unless a test says otherwise.
type world struct {
	*testing.T
	svc     *service.Service
	db      *memtable.Table
	purged  mend.Date // when what had expired was removed last
	table   *table
	post    *post
	queue   *queue
	blobs   *blobs
	now     time.Time
	log     *syncBuffer
	private []string // what no log may hold
	mails   int      // that came in
}

// at is an instant in Berlin, such as "2026-03-02 07:30".
func at(s string) time.Time {
	zone, err := cadence.Zone("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

var library = sync.OnceValues(func() (*content.Library, error) { return content.Built(), nil })

var composer = sync.OnceValues(func() (*letter.Composer, error) {
	return letter.New(content.Languages(), letter.Config{
		Site: site, From: mend.StoredAddress("letters@mend.test"), SenderName: "Mend",
		ReplyDomain: replyDomain, ListDomain: "mend.test",
	})
})

func newWorld(t *testing.T, now string) *world {
	t.Helper()
	w := &world{T: t, db: &memtable.Table{}, now: at(now), log: &syncBuffer{}, private: []string{annMail}}
	w.table = &table{Table: w.db}
	w.post = &post{world: w}
	w.queue = &queue{}
	w.blobs = &blobs{kept: map[string][]byte{}}
	cards, err := library()
	if err != nil {
		t.Fatal(err)
	}
	letters, err := composer()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.NewKeys(token.Key{ID: 1, Secret: [32]byte(bytes.Repeat([]byte{7}, 32))})
	if err != nil {
		t.Fatal(err)
	}
	w.svc = service.New(service.Config{
		Base: change.Base{
			Store: store.New(w.table, []byte("the address secret")), Queue: w.queue, Blobs: w.blobs, Keys: keys,
			Site: site, ReplyDomain: replyDomain, Now: func() time.Time { return w.now },
			Rand: rand.NewChaCha8([32]byte{1}), Log: slog.New(slog.NewJSONHandler(w.log, nil)),
		},
		Mailer: w.post, Library: cards, Letters: letters, OneAtATime: true,
	})
	t.Cleanup(func() {
		for _, secret := range w.private {
			if strings.Contains(strings.ToLower(w.log.String()), strings.ToLower(secret)) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
	return w
}

// syncBuffer is a buffer that several goroutines may write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// do stops the test on an error.
func (w *world) do(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// after is the settings after a change.
func (w *world) after(a account.Access, err error) account.Settings {
	w.Helper()
	w.do(err)
	return get(w.svc.Account.Settings(w.Context(), a))(w)
}

// saved is the settings after a reminder was saved.
func (w *world) saved(a account.Access) func(uint8, error) account.Settings {
	return func(_ uint8, err error) account.Settings {
		w.Helper()
		return w.after(a, err)
	}
}

// signUp sends a sign-up form, as its page does.
func signUp(ctx context.Context, on *account.SignUp, f account.Form) error {
	wanted, err := on.Check(f)
	if err != nil {
		return err
	}
	return on.Join(ctx, wanted)
}

// get is a value that must be had.
func get[V any](v V, err error) func(*world) V {
	return func(w *world) V {
		w.Helper()
		w.do(err)
		return v
	}
}

// The table.

// table counts the calls and can fail one of them, as a network does or as a crash does.
type table struct {
	store.Table
	mu     sync.Mutex
	calls  int
	fail   int     // which call; 0: none
	how    failing // and how
	failed bool    // it has
}

// failing is how a call goes wrong.
type failing struct {
	done bool // it is carried out all the same
	dead bool // and so do all calls after it, until the table is healed
}

var errTable = errors.New("the line to the table is dead")

func (t *table) heal() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fail, t.failed = 0, false
}

// failAt fails the n-th call from now on.
func (t *table) failAt(n int, how failing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls, t.fail, t.how, t.failed = 0, n, how, false
}

// handOver reports whether this call is carried out, and whether its answer arrives.
func (t *table) call() (carriedOut, answered bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	switch {
	case t.fail == 0 || t.calls < t.fail:
		return true, true
	case t.calls == t.fail:
		t.failed = true
		return t.how.done, false
	}
	return !t.how.dead, !t.how.dead
}

// through does one call of the table, or fails it.
func through[V any](t *table, do func() (V, error)) (V, error) {
	carriedOut, answered := t.call()
	var v, none V
	var err error
	if carriedOut {
		v, err = do()
	}
	if !answered {
		return none, errTable
	}
	return v, err
}

func (t *table) Get(ctx context.Context, key store.Key) (store.Item, error) {
	return through(t, func() (store.Item, error) { return t.Table.Get(ctx, key) })
}

func (t *table) GetEach(ctx context.Context, keys []store.Key) ([]store.Item, error) {
	return through(t, func() ([]store.Item, error) { return t.Table.GetEach(ctx, keys) })
}

func (t *table) Query(ctx context.Context, q store.Query) (store.QueryResult, error) {
	return through(t, func() (store.QueryResult, error) { return t.Table.Query(ctx, q) })
}

func (t *table) Write(ctx context.Context, w store.Write) (store.Item, error) {
	return through(t, func() (store.Item, error) { return t.Table.Write(ctx, w) })
}

func (t *table) WriteEach(ctx context.Context, w []store.Write) ([]error, error) {
	return through(t, func() ([]error, error) { return t.Table.WriteEach(ctx, w) })
}

func (t *table) Transact(ctx context.Context, w []store.Write) error {
	_, err := through(t, func() (struct{}, error) { return struct{}{}, t.Table.Transact(ctx, w) })
	return err
}

// items is everything of one partition, whatever it is.
func (w *world) items(partition string) []store.Item {
	w.Helper()
	var all []store.Item
	for q := (store.Query{Partition: partition}); ; {
		page := get(w.db.Query(w.Context(), q))(w)
		all = append(all, page.Items...)
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

// everything is all that the table holds, as text.
func (w *world) everything() string {
	w.Helper()
	var all strings.Builder
	for _, it := range w.db.All() {
		fmt.Fprintf(&all, "%s", it)
	}
	return all.String()
}

// The mail service.

// post records the letters that it took. verdict decides about each call; it takes the letter
// unless told otherwise.
type post struct {
	world   *world
	mu      sync.Mutex
	taken   []sent
	calls   int
	verdict func(o mend.Outgoing) verdict
}

// sent is a letter that the mail service took.
type sent struct {
	mend.Outgoing
	ID string
	At time.Time
}

// verdict is what the mail service does with a letter.
type verdict struct {
	refuse bool  // it does not take it
	err    error // and says this; after taking it, too: the answer can be lost
}

var errTimeout = errors.New("read tcp: i/o timeout")

func (p *post) Send(_ context.Context, o mend.Outgoing) (string, error) {
	p.mu.Lock()
	p.calls++
	decide := p.verdict
	p.mu.Unlock()
	var v verdict
	if decide != nil {
		v = decide(o)
	}
	if v.refuse {
		return "", v.err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	id := fmt.Sprintf("message-%d", len(p.taken)+1)
	p.taken = append(p.taken, sent{o, id, p.world.now})
	if v.err != nil {
		return "", v.err
	}
	return id, nil
}

// always gives every letter the same verdict.
func always(v verdict) func(mend.Outgoing) verdict {
	return func(mend.Outgoing) verdict { return v }
}

// once gives the verdict to the first letter of a kind.
func once(kind mend.Kind, v verdict) func(mend.Outgoing) verdict {
	given := false
	return func(o mend.Outgoing) verdict {
		if given || o.Kind != kind {
			return verdict{}
		}
		given = true
		return v
	}
}

// letters is what was taken, of the given kinds or of all.
func (w *world) letters(kinds ...mend.Kind) []sent {
	var some []sent
	for _, l := range w.post.taken {
		if len(kinds) == 0 || slices.Contains(kinds, l.Kind) {
			some = append(some, l)
		}
	}
	return some
}

// wantLetters fails unless exactly so many letters of a kind were taken so far.
func (w *world) wantLetters(kind mend.Kind, want int) {
	w.Helper()
	if got := len(w.letters(kind)); got != want {
		w.Errorf("letters of kind %s: got %d, want %d", kind, got, want)
	}
}

// last is the newest letter of a kind.
func (w *world) last(kind mend.Kind) sent {
	w.Helper()
	some := w.letters(kind)
	if len(some) == 0 {
		w.Fatalf("no letter of kind %s", kind)
	}
	return some[len(some)-1]
}

// text is the plain text of a letter.
func (w *world) text(l sent) string {
	w.Helper()
	m := get(mail.ReadMessage(bytes.NewReader(l.Raw)))(w)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	w.do(err)
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		w.do(err)
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/plain") {
			return string(get(io.ReadAll(quotedprintable.NewReader(part)))(w))
		}
	}
}

// link is the token of the first link of a letter below a path such as "/confirm/".
func (w *world) link(l sent, path string) string {
	w.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(site+path) + `([a-z2-7]+)`).FindStringSubmatch(w.text(l))
	if found == nil {
		w.Fatalf("no link to %s in\n%s", path, w.text(l))
	}
	return found[1]
}

// replyTo is the reply address of a letter.
func (w *world) replyTo(l sent) string {
	w.Helper()
	m := get(mail.ReadMessage(bytes.NewReader(l.Raw)))(w)
	return get(mail.ParseAddress(m.Header.Get("Reply-To")))(w).Address
}

// The queues.

// queue keeps messages until the test works through them. A message that fails stays.
type queue struct {
	mu       sync.Mutex
	messages [][]byte
	delay    time.Duration // of the last message; a test that cares lets the time pass
	down     bool
}

func (q *queue) Send(_ context.Context, _ mend.QueueName, messages ...mend.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.down {
		return errors.New("the queue cannot be reached")
	}
	for _, m := range messages {
		q.messages, q.delay = append(q.messages, m.Body), m.Delay
	}
	return nil
}

// drain works through what is queued now, and through what that queues; what fails
// waits for the next drain.
func (w *world) drain() {
	w.Helper()
	var failed [][]byte
	for len(w.queue.messages) > 0 {
		body := w.queue.messages[0]
		w.queue.messages = w.queue.messages[1:]
		var page store.Page
		w.do(json.Unmarshal(body, &page))
		if err := w.svc.Sending.Process(w.Context(), page); err != nil {
			failed = append(failed, body)
		}
	}
	w.queue.messages = failed
}

// claim claims a one-off as it was read.
func (w *world) claim(o mend.OneOff, nonce string) error {
	w.Helper()
	claim := mend.Claim{Nonce: nonce, State: mend.ClaimOpen, At: w.now}
	return get(w.svc.Store.Claim(w.Context(), []store.Claim{store.ClaimOneOff(o, claim)}))(w)[0]
}

// pages is the pages that are queued now.
func (w *world) pages() []store.Page {
	w.Helper()
	var all []store.Page
	for _, body := range w.queue.messages {
		var page store.Page
		w.do(json.Unmarshal(body, &page))
		if page.Slot != "" {
			all = append(all, page)
		}
	}
	return all
}

// tick runs one tick and what it queues. It may fail where a table does.
func (w *world) tick() {
	w.Helper()
	if today := mend.DateOf(w.now); today != w.purged {
		w.purged = today
		w.db.Purge(w.now)
	}
	if err := w.svc.Dispatch.Tick(w.Context()); err != nil && !errors.Is(err, errTable) {
		w.Fatal(err)
	}
	w.drain()
}

// until moves the clock to an instant in Berlin, with a tick at each quarter-hour on the way.
func (w *world) until(to string) {
	w.Helper()
	w.untilInstant(at(to))
}

func (w *world) untilInstant(to time.Time) {
	w.Helper()
	w.drain()
	for w.now.Before(to) {
		w.now = w.now.Truncate(15 * time.Minute).Add(15 * time.Minute)
		if w.now.After(to) {
			w.now = to
		}
		w.tick()
	}
}

// backUp makes a backup of the table. What it returns restores that, and makes it fit to send from.
func (w *world) backUp() (restore func()) {
	backup, taken := w.db.All(), w.now
	return func() {
		w.Helper()
		w.db.Restore(backup)
		w.do(w.svc.Operate.Restore(w.Context(), w.blobs, taken))
	}
}

// The blobs.

type blobs struct{ kept map[string][]byte }

func (b *blobs) Put(_ context.Context, key string, data []byte) error {
	b.kept[key] = bytes.Clone(data)
	return nil
}

func (b *blobs) Open(_ context.Context, key string) (io.ReadCloser, error) {
	data, ok := b.kept[key]
	if !ok {
		return nil, mend.ErrNoBlob
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// List names the kept keys as [operate.Lister] does.
func (b *blobs) List(_ context.Context, prefix, from string) ([]string, error) {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(b.kept)) {
		if strings.HasPrefix(key, prefix) && key >= from {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func (b *blobs) Delete(_ context.Context, key string) error {
	delete(b.kept, key)
	return nil
}

// People.

// form is a sign-up for a check-in every day at 07:30 in Berlin.
func form(changes ...func(*account.Form)) account.Form {
	f := account.Form{
		Email: annMail, Name: "Ann", Path: "amends", Cadence: "daily", Time: "07:30", Zone: "Europe/Berlin",
		Privacy: "quotes", Consent: true, Adult: true,
	}
	for _, change := range changes {
		change(&f)
	}
	return f
}

// changeSettings sends a form that holds every setting.
func (w *world) changeSettings(a account.Access, f account.Form) error {
	return w.svc.Account.ChangeSettings(w.Context(), a, func(account.Form) account.Form { return f })
}

// join takes the form and sends what it causes.
func (w *world) join(changes ...func(*account.Form)) {
	w.Helper()
	f := form(changes...)
	w.private = append(w.private, f.Email)
	w.do(signUp(w.Context(), w.svc.SignUp, f))
	w.drain()
}

// opened is what happens on the page of a link, by its token.
func opened[T any](w *world, purpose token.Purpose, text string, do func(context.Context, account.Access) (T, error)) (
	T, error) {
	a, err := w.svc.Account.Link(w.Context(), purpose, text)
	if err != nil {
		var none T
		return none, err
	}
	return do(w.Context(), a)
}

// follow is [opened] of a page that answers nothing.
func (w *world) follow(purpose token.Purpose, text string, do func(context.Context, account.Access) error) error {
	_, err := opened(w, purpose, text, func(ctx context.Context, a account.Access) (any, error) {
		return nil, do(ctx, a)
	})
	return err
}

func (w *world) confirm(text string) error {
	return w.follow(token.Confirm, text, w.svc.SignUp.Confirm)
}
func (w *world) notMe(text string) error { return w.follow(token.NotMe, text, w.svc.SignUp.NotMe) }

func (w *world) confirmMove(text string) error {
	return w.follow(token.AddressChange, text, w.svc.SignIn.ConfirmMove)
}

func (w *world) refuseMove(text string) error {
	return w.follow(token.AddressChange, text, w.svc.SignIn.RefuseMove)
}

func (w *world) keepAddress(text string) error {
	return w.follow(token.AddressCancel, text, w.svc.SignIn.KeepAddress)
}

func (w *world) confirmationView(text string) (account.Settings, error) {
	return opened(w, token.Confirm, text, w.svc.SignUp.ConfirmationView)
}

func (w *world) signInBy(text string) (cookie string, err error) {
	return opened(w, token.SignIn, text, w.svc.SignIn.SignIn)
}

func (w *world) muting(text string) (account.Muting, error) {
	return opened(w, token.Mute, text, w.svc.SignIn.Muting)
}

func (w *world) setMuted(text string, muted bool) error {
	return w.follow(token.Mute, text, func(ctx context.Context, a account.Access) error {
		return w.svc.SignIn.SetMuted(ctx, a, muted)
	})
}

func (w *world) promiseOf(text string) (a account.Access, p mend.Promise, err error) {
	p, err = opened(w, token.Promise, text, func(ctx context.Context, link account.Access) (mend.Promise, error) {
		a = link
		return w.svc.Journal.Promise(ctx, a, a.Of.OneOff)
	})
	return a, p, err
}

// active is somebody who joined and confirmed.
func (w *world) active(changes ...func(*account.Form)) mend.ID {
	w.Helper()
	w.join(changes...)
	confirmation := w.last(mend.Confirmation)
	err := w.confirm(w.link(confirmation, "/confirm/"))
	w.do(err)
	w.drain()
	return idOf(w, confirmation)
}

// idOf is whom a letter went to.
func idOf(w *world, l sent) mend.ID {
	w.Helper()
	id, _, err := mend.ParseLetterName(l.Occurrence)
	w.do(err)
	return id
}

func of(w *world, l sent) mend.LetterKey {
	w.Helper()
	_, which, err := mend.ParseLetterName(l.Occurrence)
	w.do(err)
	return which
}

// load is a person as the table has them.
func (w *world) load(id mend.ID) store.Account {
	w.Helper()
	return get(w.svc.Store.Load(w.Context(), id, w.now))(w)
}

// letter is the record of a letter; a zero one if there is none.
func (w *world) record(id mend.ID, which mend.LetterKey) mend.Letter {
	w.Helper()
	l, err := w.svc.Store.Letter(w.Context(), id, which)
	if !errors.Is(err, store.ErrNotFound) {
		w.do(err)
	}
	return l
}

// checkIn is the letter of a date, such as "2026-03-02".
func checkIn(date string) mend.LetterKey {
	return mend.LetterKey{Date: day(date), Subscription: mend.CheckInNumber}
}

func day(s string) mend.Date {
	d, err := mend.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// replies is all that a person wrote, as the journal has it.
func (w *world) replies(id mend.ID) []mend.Reply {
	w.Helper()
	p := w.load(id).Person
	var replies []mend.Reply
	w.do(w.svc.Store.Replies(w.Context(), mend.Reply{Person: id}, mend.Date{}, w.now, func(r mend.Reply) error {
		if r, ok := store.VisibleReply(p, r, w.now); ok {
			replies = append(replies, r)
		}
		return nil
	}))
	slices.SortStableFunc(replies, func(a, b mend.Reply) int { return a.At.Compare(b.At) })
	return replies
}

// copyOf is the copy of everything.
func (w *world) copyOf(id mend.ID) export.Everything {
	w.Helper()
	return get(export.Read(w.Context(), w.svc.Base, account.Access{Person: id, SignedIn: true}, export.Part{}))(w)
}

func (w *world) promises(id mend.ID) []mend.Promise {
	w.Helper()
	return get(w.svc.Store.Promises(w.Context(), id, w.now))(w)
}

// promisedOnPage is a promise that is made on the page.
func (w *world) promisedOnPage(a account.Access, words, due string) mend.Promise {
	w.Helper()
	w.do(w.svc.Journal.AddPromise(w.Context(), a, journal.PromiseForm{Words: words, Due: due}))
	all := w.promises(a.Person)
	i := slices.IndexFunc(all, func(p mend.Promise) bool { return p.Words == words && p.Due == day(due) })
	if i < 0 {
		w.Fatalf("no promise with %s", words)
	}
	return all[i]
}

// a reply as it comes in; the zero values are those of Ann's own mail program.
type incoming struct {
	from, headers, subject, messageID, words string
	spam, virus, dmarc, spf, dkim            receive.Verdict
	sender                                   string
	null                                     bool
}

// receive takes an answer to a letter.
func (w *world) receive(l sent, in incoming) {
	w.Helper()
	w.do(w.svc.Replies.Receive(w.Context(), w.arrives(w.replyTo(l), in)))
	w.drain()
}

// arrives keeps a mail as the exchanger does, and returns what it says about it.
func (w *world) arrives(recipient string, in incoming) receive.Receipt {
	w.mails++
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	id := or(in.messageID, fmt.Sprintf("%d@mail.example.test", w.mails))
	raw := "From: Ann <" + or(in.from, annMail) + ">\r\nTo: <" + recipient + ">\r\nMessage-ID: <" + id + ">\r\n" +
		"Subject: " + or(in.subject, "Re: Something small to try") + "\r\n" +
		"Date: " + w.now.Format(time.RFC1123Z) + "\r\n" + in.headers +
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
		strings.ReplaceAll(in.words, "\n", "\r\n") + "\r\n"
	key := fmt.Sprintf("raw/%d", w.mails)
	w.blobs.kept[key] = []byte(raw)
	if len(in.words) > 12 {
		w.private = append(w.private, in.words)
	}
	verdict := func(v receive.Verdict) receive.Verdict {
		if v == "" {
			return receive.Pass
		}
		return v
	}
	return receive.Receipt{
		Recipients: []string{recipient}, RawKey: key, At: w.now,
		Sender: in.sender, NullSender: in.null,
		Spam: verdict(in.spam), Virus: verdict(in.virus), DMARC: verdict(in.dmarc), SPF: verdict(in.spf),
		DKIM: verdict(in.dkim),
	}
}

// code is the code of an error that a person is shown.
func code(err error) mend.Code {
	if told, ok := errors.AsType[*mend.Error](err); ok {
		return told.Code
	}
	return ""
}

// problem is what a form was told about a field.
func problem(err error, field string) string {
	problems, _ := errors.AsType[mend.Problems](err)
	return problems[field]
}
