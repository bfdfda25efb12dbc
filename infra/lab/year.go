package main

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
	"net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/letter/lettersample"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/memtable"
	"example.org/mend/shared/token"
)

// yearCmd is `go run ./infra/lab year`: the letters of one person's year, by the real service in
// memory, with a clock that is moved.
type yearCmd struct {
	Every int `help:"Print every so many letters, beside all that look back, promises and notices." default:"20"`
}

// Help is shown by --help.
func (yearCmd) Help() string { return `  go run ./infra/lab year > docs/a-year.md` }

// Run prints the year as Markdown.
func (c *yearCmd) Run() error {
	if c.Every < 1 {
		return errors.New("--every is 1 at least")
	}
	return c.print(context.Background(), os.Stdout)
}

// zoeDoes is what Zoë does in her year, by the minute in Berlin. A word goes to the
// newest letter of its kind.
var zoeDoes = []struct {
	at    string
	kind  mend.Kind
	words string
}{
	{"2026-03-04 21:10", mend.CheckIn,
		"3\nI breathe easier at the pool. On the phone I said “fine” to my brother again."},
	{"2026-03-11 20:00", mend.CheckIn,
		"PROMISE call my brother by Sunday\nI don’t want to settle anything. I’d just like to hear how he is."},
	{"2026-03-15 21:30", mend.PromiseKind, "KEPT\nTwenty minutes, mostly about his dog. It was good."},
	{"2026-03-24 07:55", mend.CheckIn, "4\nI didn’t look him up once today, and I slept well."},
	{"2026-04-08 22:40", mend.CheckIn, "2\nA bad week. I read the page twice and did nothing."},
	{"2026-04-09 23:15", mend.CheckIn, "1"},
	{"2026-04-20 12:05", mend.CheckIn,
		"PROMISE write to my brother about the house by 28 April\nI’ve put this off since the funeral."},
	{"2026-05-06 19:20", mend.CheckIn,
		"3\nHe asked why I hadn’t written. I told him I was afraid of his answer. It’s true."},
	{"2026-05-19 08:10", mend.CheckIn, "PROMISE send back his key by Friday"},
	{"2026-05-22 20:15", mend.PromiseKind, "NOT YET by Monday\nThe post office was shut."},
	{"2026-05-25 19:45", mend.PromiseKind, "KEPT"},
	{"2026-06-02 23:05", mend.CheckIn, "5\nWe laughed today, about nothing. I’d forgotten what that sounds like."},
	{"2026-07-09 20:40", mend.CheckIn, "PROMISE fix the garden gate by 18 July"},
	{"2026-07-13 09:00", mend.CheckIn, "PAUSE 2 weeks\nAway with no signal, and glad of it."},
	{"2026-07-27 21:05", mend.PromiseKind, "KEPT\nI did it the evening before we left."},
	{"2026-09-06 11:00", mend.Reminder, "SNOOZE 2H"},
	{"2026-09-09 20:30", mend.CheckIn, "3\nI was late again. I said “I’m late, I’m sorry,” and didn’t explain."},
	{"2026-09-21 20:30", mend.CheckIn, "4\nHe lent me his car. A small thing."},
	{"2026-10-14 21:00", mend.CheckIn,
		"I promise to ask before I tell Mom anything by Saturday\nThat’s the old fight, and I can see my part in it."},
	{"2026-10-17 19:30", mend.PromiseKind, "Let go\nHe’d told her himself by then. It’s better that way."},
	{"2026-11-11 18:50", mend.CheckIn, "PROMISE call the notary soon\n2\nThe house again."},
	{"2026-12-24 11:15", mend.CheckIn, "4\nHe’s coming tomorrow, and I’m cooking."},
	{"2027-01-05 07:50", mend.CheckIn, "4\nHe came. We did the dishes together, and no one said “fine”."},
	{"2027-02-10 21:40", mend.CheckIn, "3\nI read the page on the train and thought of Dad."},
}

// The year: from the Monday on which she joins to the digest of its last month.
const (
	yearBegins = "2026-03-02 06:50"
	yearEnds   = "2027-03-01 12:00"
)

func (c *yearCmd) print(ctx context.Context, out io.Writer) error {
	y, err := c.play(ctx)
	if err != nil {
		return err
	}
	_, err = y.text.WriteTo(out)
	return err
}

// play lets the year go by.
func (c *yearCmd) play(ctx context.Context) (*year, error) {
	y, err := c.begin()
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&y.text, "# A year\n\nOne person’s year, made by `go run ./infra/lab year`: "+
		"the real service in memory, with a clock that moves. Zoë joins on the path “foundations”,\n"+
		"Mondays to Fridays at 07:30, with a letter about her month on the 1st. Here are what she wrote, "+
		"her first week, every %s letter, and every\n"+
		"one that looks back, answers a heavy mood, asks about a promise or tells her something: "+
		"the plain-text part of each, in full, with\nits links cut short.\n", nth(c.Every))
	if err := y.join(ctx); err != nil {
		return nil, err
	}
	for _, does := range zoeDoes {
		if err := y.until(ctx, does.at); err != nil {
			return nil, err
		}
		if err := y.reply(ctx, does.kind, does.words); err != nil {
			return nil, err
		}
	}
	if err := y.until(ctx, yearEnds); err != nil {
		return nil, err
	}
	fmt.Fprintf(&y.text, "\n## That was the year\n\n%d letters:\n\n", y.count)
	for _, kind := range slices.Sorted(maps.Keys(y.kinds)) {
		fmt.Fprintf(&y.text, "- %s: %d\n", kind, len(y.kinds[kind]))
	}
	return y, nil
}

func nth(n int) string {
	if n == 20 {
		return "twentieth"
	}
	return fmt.Sprintf("%dth", n)
}

// year is the world in which it happens: the service, what it asks of the world, and what
// was written down so far.
type year struct {
	svc    *service.Service
	zone   *time.Location
	now    time.Time
	every  int
	table  *memtable.Table
	queued [][]byte
	raw    map[string][]byte
	last   map[mend.Kind][]byte // the newest letter of each kind
	count  int
	kinds  map[mend.Kind][]int // their sizes in bytes
	text   bytes.Buffer
	mails  int
	broken error
}

func (c *yearCmd) begin() (*year, error) {
	library, composer, err := letters()
	if err != nil {
		return nil, err
	}
	keys, err := token.NewKeys(token.Key{ID: 1, Secret: [32]byte{1}})
	if err != nil {
		return nil, err
	}
	zone, err := cadence.Zone("Europe/Berlin")
	if err != nil {
		return nil, err
	}
	y := &year{
		zone: zone, every: c.Every, table: &memtable.Table{}, raw: map[string][]byte{}, last: map[mend.Kind][]byte{},
		kinds: map[mend.Kind][]int{},
	}
	if y.now, err = y.at(yearBegins); err != nil {
		return nil, err
	}
	y.svc = service.New(service.Config{
		Base: change.Base{
			Store: store.New(y.table, []byte("a year")), Queue: (*yearQueue)(y), Blobs: (*yearBlobs)(y), Keys: keys,
			Site: lettersample.Config.Site, ReplyDomain: lettersample.Config.ReplyDomain,
			Now: func() time.Time { return y.now }, Rand: rand.NewChaCha8([32]byte{1}),
			Log: slog.New(slog.DiscardHandler),
		},
		Mailer: (*yearMailer)(y), Library: library, Letters: composer, OneAtATime: true,
	})
	return y, nil
}

func (y *year) at(s string) (time.Time, error) {
	return time.ParseInLocation("2006-01-02 15:04", s, y.zone)
}

// join signs Zoë up, confirms, and sets the two reminders that she has.
func (y *year) join(ctx context.Context) error {
	to := lettersample.Head()
	wanted, err := y.svc.SignUp.Check(account.Form{
		Email: to.To.Mail(), Name: to.Name, Path: "foundations", Cadence: "weekdays", Time: "07:30",
		Zone: y.zone.String(), Digest: true, Privacy: string(mend.Quotes), Consent: true, Adult: true,
	})
	if err != nil {
		return err
	}
	if err := y.svc.SignUp.Join(ctx, wanted); err != nil {
		return err
	}
	if err := y.work(ctx); err != nil {
		return err
	}
	confirmation, _, err := lettersample.Parts(y.last[mend.Confirmation])
	if err != nil {
		return err
	}
	link := regexp.MustCompile(`/confirm/([a-z2-7]+)`).FindStringSubmatch(confirmation)
	if link == nil {
		return fmt.Errorf("the confirmation has no link")
	}
	access, err := y.svc.Account.Link(ctx, token.Confirm, link[1])
	if err != nil {
		return err
	}
	if err := y.svc.SignUp.Confirm(ctx, access); err != nil {
		return err
	}
	access.SignedIn = true
	for _, f := range []account.Form{
		{
			Words: "Ring Mum", Nth: "1", Cadence: "by-weekday", Days: []string{"sun"}, Time: "10:00",
			Zone: y.zone.String(),
		},
		{Words: "Flowers for Mum", Month: "5", Cadence: "yearly", Day: "29", Time: "08:00", Zone: y.zone.String()},
	} {
		if _, err := y.svc.Account.SaveReminder(ctx, access, 0, f); err != nil {
			return err
		}
	}
	return y.work(ctx)
}

// until lets time pass, with a tick at each quarter-hour. At midnight what has expired is deleted,
// as a table on AWS does.
func (y *year) until(ctx context.Context, to string) error {
	end, err := y.at(to)
	if err != nil {
		return err
	}
	for y.now.Before(end) {
		if y.now = y.now.Truncate(cadence.Grid).Add(cadence.Grid); y.now.After(end) {
			y.now = end
		}
		if y.now.Hour() == 0 && y.now.Minute() == 0 {
			y.table.Purge(y.now)
		}
		if err := y.svc.Dispatch.Tick(ctx); err != nil {
			return err
		}
		if err := y.work(ctx); err != nil {
			return err
		}
	}
	return nil
}

// work works through what is queued.
func (y *year) work(ctx context.Context) error {
	for len(y.queued) > 0 {
		body := y.queued[0]
		y.queued = y.queued[1:]
		var page store.Page
		if err := json.Unmarshal(body, &page); err != nil {
			return err
		}
		if err := y.svc.Sending.Process(ctx, page); err != nil {
			return err
		}
	}
	return y.broken
}

// reply answers the newest letter of a kind, and writes down what was answered.
func (y *year) reply(ctx context.Context, kind mend.Kind, words string) error {
	m, err := mail.ReadMessage(bytes.NewReader(y.last[kind]))
	if err != nil {
		return fmt.Errorf("the letter that is answered at %s: %w", y.now, err)
	}
	to, err := mail.ParseAddress(m.Header.Get("Reply-To"))
	if err != nil {
		return err
	}
	y.mails++
	key := fmt.Sprintf("raw/%d", y.mails)
	raw := fmt.Sprintf("From: <%s>\nTo: <%s>\nMessage-ID: <%d@example.org>\nSubject: Re\n"+
		"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n",
		lettersample.Head().To.Mail(), to.Address, y.mails, words)
	y.raw[key] = []byte(strings.ReplaceAll(raw, "\n", "\r\n"))
	err = y.svc.Replies.Receive(ctx, receive.Receipt{
		Recipients: []string{to.Address}, RawKey: key, At: y.now, Spam: receive.Pass, Virus: receive.Pass,
		DMARC: receive.Pass,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(&y.text, "\n## %s: Zoë writes back\n\n", y.now.In(y.zone).Format("Monday 2 January 2006, 15:04"))
	for line := range strings.Lines(words) {
		fmt.Fprintln(&y.text, "> "+strings.TrimSpace(line)+"  ")
	}
	return y.work(ctx)
}

// links are the tokens of links, which nobody needs to read.
var links = regexp.MustCompile(`(https://mend\.example/(?:preferences|stop|promise)/)[a-z2-7]+`)

// firstWeek is how many letters come until the end of the first week, the confirmation and
// the welcome among them.
const firstWeek = 7

// speaks is a check-in that looks back, or answers a heavy mood.
var speaks = regexp.MustCompile(`These pages said:|These were the points:|You wrote 1 last time`)

// tell writes down a letter.
func (y *year) tell(kind mend.Kind, raw []byte) error {
	y.kinds[kind] = append(y.kinds[kind], len(raw))
	y.count++
	y.last[kind] = raw
	text, _, err := lettersample.Parts(raw)
	if err != nil {
		return err
	}
	switch kind {
	case mend.Digest, mend.PromiseKind, mend.Notice, mend.Welcome:
	default:
		if y.count%y.every != 0 && y.count > firstWeek && !speaks.MatchString(text) {
			return nil
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err
	}
	fmt.Fprintf(&y.text, "\n## %s: letter %d\n\nSubject: %s\n\n",
		y.now.In(y.zone).Format("Monday 2 January 2006, 15:04"), y.count, subject)
	for line := range strings.Lines(strings.TrimSpace(links.ReplaceAllString(text, "$1…"))) {
		fmt.Fprint(&y.text, strings.TrimRight("    "+line, " \n")+"\n")
	}
	return nil
}

// What the service asks of the world.
type (
	yearMailer year
	yearQueue  year
	yearBlobs  year
)

// Send takes every letter.
func (m *yearMailer) Send(_ context.Context, o mend.Outgoing) (string, error) {
	if err := (*year)(m).tell(o.Kind, o.Raw); err != nil {
		m.broken = err
	}
	return fmt.Sprint("letter-", m.count), nil
}

// Send keeps messages until they are worked through.
func (q *yearQueue) Send(_ context.Context, _ mend.QueueName, messages ...mend.Message) error {
	for _, m := range messages {
		q.queued = append(q.queued, m.Body)
	}
	return nil
}

// Put keeps a blob.
func (b *yearBlobs) Put(_ context.Context, key string, data []byte) error {
	b.raw[key] = data
	return nil
}

// Open reads a blob.
func (b *yearBlobs) Open(_ context.Context, key string) (io.ReadCloser, error) {
	data, ok := b.raw[key]
	if !ok {
		return nil, mend.ErrNoBlob
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// Delete removes a blob.
func (b *yearBlobs) Delete(_ context.Context, key string) error {
	delete(b.raw, key)
	return nil
}
