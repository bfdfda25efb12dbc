// Package machine is Mend on one machine: the five handlers of functions/, driven by the same
// event types that AWS gives them, over adapters that keep everything in one file. It adds what
// AWS has and a single machine lacks: a mail exchanger on loopback, a mailbox to
// read what was sent, and a clock that can be moved.
//
// Nothing of the service knows that it runs here.
package machine

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"

	"example.org/mend/content"
	"example.org/mend/functions/feedback"
	"example.org/mend/functions/reply"
	"example.org/mend/functions/send"
	"example.org/mend/functions/web"
	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
)

// The names of one machine. They are reserved (RFC 6761), so no letter can go astray.
const (
	ReplyDomain = "reply.mend.test"
	letterBox   = "letters@mend.test"
	listDomain  = "mend.test"
)

// Config is the settings of a machine, those of them that have a flag as `mend run` has them.
type Config struct {
	Addr    string    `default:"127.0.0.1:8080" help:"Where the site and the local mailbox listen. Port 0 picks a free one."`
	SMTP    string    `default:"127.0.0.1:2525" help:"Where mail for the reply domain is taken. Port 0 picks a free one."`
	Data    string    `default:"./.mend" type:"path" help:"Folder of the data: one file."`
	Clock   time.Time `format:"2006-01-02T15:04:05Z07:00" placeholder:"INSTANT" help:"Instant to start at, such as 2026-03-01T07:00:00Z. Default: the machine's clock."`
	NoTick  bool      `help:"Let time move only when told, by POST /local/clock."`
	Contact string    `placeholder:"ADDRESS" help:"Where people can report misuse. The help pages show it."`

	Bar bool         `kong:"-"` // pages shown by a browser get a bar that leads to the mailbox and moves the clock
	Log *slog.Logger `kong:"-"` // of ids only

	// Rand is what ids and the secrets of sessions are drawn from, always in the same order.
	// Optional. Defaults to crypto/rand. It is for tests: what can be drawn again can be guessed.
	// So there has to be no data yet, and a clock that stands.
	Rand io.Reader `kong:"-"`
}

// Validate refuses a clock that no letter can be dated by, and a contact that leads nowhere.
func (c Config) Validate() error {
	if year := c.Clock.Year(); !c.Clock.IsZero() && (year < 1970 || year > cadence.LastYear) {
		return fmt.Errorf("--clock is an instant from 1970 to %d", cadence.LastYear)
	}
	page, err := url.Parse(c.Contact)
	isPage := err == nil && page.Host != "" && strings.HasPrefix(page.Scheme, "http")
	if _, err = account.ParseAddress(c.Contact); c.Contact != "" && !isPage && err != nil {
		return fmt.Errorf("--contact %s is no address, and no page such as https://example.org/contact", c.Contact)
	}
	return nil
}

// Machine is a running Mend.
type Machine struct {
	*local.File
	cfg      Config
	log      *slog.Logger
	svc      *service.Service
	web      *web.Handler
	handlers map[string]handler // by the queue that each works through

	site, smtp net.Listener
	siteServer *http.Server
	exchanger  *smtp.Server
	bodyTime   time.Duration   // see bodyTime
	ending     context.Context // done once the machine begins to end
	working    sync.Mutex      // one at a time works through the backlog, or moves the clock
	urgent     sync.Mutex      // one at a time works through what a request waits for
	purged     mend.Date
}

// Open takes the data file and both ports, so that after it nothing can be in the way. Its errors
// say what to do.
func Open(ctx context.Context, cfg Config) (*Machine, error) {
	path := filepath.Join(cfg.Data, fileName)
	if _, err := os.Stat(path); cfg.Rand != nil && (!cfg.NoTick || !errors.Is(err, fs.ErrNotExist)) {
		return nil, errGuessable
	}
	file, err := local.Open(ctx, path, local.Options{Start: cfg.Clock, Standing: cfg.NoTick})
	if err != nil {
		return nil, err
	}
	m := &Machine{File: file, cfg: cfg, log: cfg.Log, bodyTime: bodyTime}
	m.siteServer = &http.Server{
		Handler: m.guard(m.routes()), ReadHeaderTimeout: headTime, IdleTimeout: idleTime, MaxHeaderBytes: 64 << 10,
	}
	ending, end := context.WithCancel(context.Background())
	m.ending = ending
	m.siteServer.RegisterOnShutdown(end)
	m.exchanger = m.newExchanger()
	if err := m.open(ctx); err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

var errGuessable = errors.New("guessable ids are for tests: use them with no data yet and a clock that stands still")

// open listens, and assembles the service and its handlers.
func (m *Machine) open(ctx context.Context) (err error) {
	if m.site, err = listen(ctx, m.cfg.Addr, "--addr"); err != nil {
		return err
	}
	if m.smtp, err = listen(ctx, m.cfg.SMTP, "--smtp"); err != nil {
		return err
	}
	m.smtp = limitConnections(m.smtp, mostSMTP, longestSMTP)
	if _, err := keyring.Init(ctx, m.Keys, KeyPath); err != nil { // at the first start
		return err
	}
	ring, err := keyring.Read(ctx, m.Keys, KeyPath, time.Now(), keyring.Parts...)
	if err != nil {
		return err
	}
	c := service.Config{
		Base: change.Base{
			Store: store.New(m.DB, ring.Address), Queue: m.Queues, Blobs: m.Blobs, Keys: ring.Links,
			ReplyKeys: ring.Replies, Now: m.Clock.Now, Log: m.log, Rand: cmp.Or(m.cfg.Rand, rand.Reader),
			Site: m.SiteURL(), ReplyDomain: ReplyDomain,
		},
		Mailer: m.Mailbox, OneAtATime: m.cfg.Rand != nil, Library: content.Built(),
	}
	if c.Letters, err = letter.New(content.Languages(), letter.Config{
		Site: m.SiteURL(), From: mend.StoredAddress(letterBox), SenderName: "Mend",
		ReplyDomain: ReplyDomain, ListDomain: listDomain,
	}); err != nil {
		return err
	}
	m.svc = service.New(c)
	send := send.Handler(m.svc.Sending)
	m.handlers = map[string]handler{
		local.SendQueue: send, local.NowQueue: send,
		local.ReceiptQueue: reply.Handler(m.svc.Replies), local.FeedbackQueue: feedback.Handler(m.svc.Feedback),
	}
	m.web, err = web.New(m.svc.Base, c.Library, c.Letters,
		web.Options{Help: content.BuiltHelp(), Contact: m.cfg.Contact})
	return err
}

// listen opens a port, and says which flag chooses another.
func listen(ctx context.Context, addr, flag string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another program: stop that one, or choose another with %s (port 0 "+
			"picks a free one)", addr, flag)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("this user may not listen on %s: choose a port above 1023 with %s", addr, flag)
	case err != nil:
		return nil, fmt.Errorf("%s %s (a host and a port, such as 127.0.0.1:8080): %w", flag, addr, err)
	}
	return l, nil
}

// SiteAddr is the host:port at which the site listens.
func SiteAddr(m *Machine) string { return m.site.Addr().String() }

// SiteURL is the origin of the site.
func (m *Machine) SiteURL() string {
	addr := m.site.Addr().(*net.TCPAddr)
	if addr.IP.IsUnspecified() { // it listens at every address, and letters have to name one
		return fmt.Sprintf("http://localhost:%d", addr.Port)
	}
	return "http://" + addr.String()
}

// IsOpen reports whether other machines can reach the site, and the mailbox with it.
func IsOpen(m *Machine) bool { return !m.site.Addr().(*net.TCPAddr).IP.IsLoopback() }

// SMTPAddr is the host:port of the mail exchanger.
func (m *Machine) SMTPAddr() string { return m.smtp.Addr().String() }

// Run serves until the context is done, then ends what is under way and closes the file.
func (m *Machine) Run(ctx context.Context) error {
	failed := make(chan error, 2)
	go func() { failed <- m.siteServer.Serve(m.site) }()
	go func() { failed <- m.exchanger.Serve(m.smtp) }()
	defer handOutCopies(ctx, m)()
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	if m.cfg.NoTick {
		minute.Stop()
	}
	m.settle(ctx, !m.cfg.NoTick) // what was queued, and what came due, while it was off; the site answers meanwhile
	for {
		select {
		case <-minute.C:
			m.settle(ctx, true)
		case err := <-failed:
			return errors.Join(err, m.close())
		case <-ctx.Done():
			return m.close()
		}
	}
}

// close ends what is under way within a few seconds.
func (m *Machine) close() error {
	ending, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := m.siteServer.Shutdown(ending); err != nil {
		_ = m.siteServer.Close()
	}
	if err := m.exchanger.Shutdown(ending); err != nil {
		_ = m.exchanger.Close()
	}
	for _, l := range []net.Listener{m.site, m.smtp} {
		if l != nil {
			_ = l.Close() // again, where the server did
		}
	}
	m.working.Lock() // nothing is in the middle of a letter
	defer m.working.Unlock()
	return m.Close()
}

// WriteReadyFile says, in a file, where everything is; it appears whole or not at all.
func (m *Machine) WriteReadyFile(path string) error {
	text, _ := json.Marshal(struct { // of texts alone, so there is no error
		Site        string `json:"site"`
		SMTP        string `json:"smtp"`
		ReplyDomain string `json:"reply_domain"`
	}{m.SiteURL(), m.SMTPAddr(), ReplyDomain})
	half := path + ".new"
	err := os.WriteFile(half, append(text, '\n'), 0o644)
	if err == nil {
		err = os.Rename(half, path)
	}
	if err != nil {
		return fmt.Errorf("write the ready file: %w", err)
	}
	return nil
}
