package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/cmd/mend/machine"
	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/operate"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

const ann = "ann@mail.test"

// answering runs the command with something typed.
func answering(t *testing.T, typed string, args ...string) (code int, out, errs string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "typed")
	if err := os.WriteFile(path, []byte(typed), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	stdin := os.Stdin
	defer func() { os.Stdin = stdin; file.Close() }()
	os.Stdin = file
	return said(t, args...)
}

// workplace is what an operator works on, and how a test gets at it.
type workplace struct {
	where targetFlags
	flags []string

	bury   func(t *testing.T) // a dead letter of the send queue
	backup func(t *testing.T) // flags of restore that name a backup as of now
	from   []string           // set by backup
}

// on opens what the flags say, for a test.
func (d *workplace) on(t *testing.T, work func(*target, *service.Service)) {
	t.Helper()
	in, err := d.where.open(t.Context(), machine.OpenFile)
	if err != nil {
		t.Fatal(err)
	}
	defer in.close()
	svc, err := in.service(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	work(in, svc)
}

// mend runs a command about the workplace, which must go well.
func (d *workplace) mend(t *testing.T, typed string, args ...string) string {
	t.Helper()
	code, out, errs := answering(t, typed, append(args, d.flags...)...)
	if code != 0 {
		t.Fatalf("mend %s: exit code %d\n%s\n%s", strings.Join(args, " "), code, out, errs)
	}
	if strings.Contains(out+errs, ann) {
		t.Errorf("mend %s shows an address:\n%s\n%s", args[0], out, errs)
	}
	return out
}

// refused runs a command that must fail, and returns what it says.
func (d *workplace) refused(t *testing.T, typed string, args ...string) string {
	t.Helper()
	code, out, errs := answering(t, typed, append(args, d.flags...)...)
	if code != failed || strings.Contains(out+errs, ann) {
		t.Errorf("mend %s: exit code %d\n%s\n%s\nwant %d and no address",
			strings.Join(args, " "), code, out, errs, failed)
	}
	return out + errs
}

// join signs somebody up and confirms.
func join(t *testing.T, svc *service.Service) mend.ID {
	t.Helper()
	wanted, err := svc.SignUp.Check(account.Form{
		Email: ann, Path: "amends", Cadence: "daily", Time: "07:30", Zone: "Europe/Berlin", Consent: true, Adult: true,
	})
	if err == nil {
		err = svc.SignUp.Join(t.Context(), wanted)
	}
	if err != nil {
		t.Fatal(err)
	}
	w := whole(t, svc)
	link, err := svc.Keys.Sign(token.Claims{
		Purpose: token.Confirm,
		Person:  w.Person.ID,
		Thing:   w.Person.PendingConfirmation,
		Expires: svc.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	access, err := svc.Account.Link(t.Context(), token.Confirm, link)
	if err != nil {
		t.Fatal(err)
	}
	if err := svc.SignUp.Confirm(t.Context(), access); err != nil {
		t.Fatal(err)
	}
	return w.Person.ID
}

func whole(t *testing.T, svc *service.Service) store.Account {
	t.Helper()
	record, err := svc.Store.Address(t.Context(), mend.StoredAddress(ann))
	if err != nil {
		t.Fatal(err)
	}
	w, err := svc.Store.Load(t.Context(), record.Person, svc.Now())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// testOperator is an operator's day.
func testOperator(t *testing.T, d *workplace) {
	told := d.mend(t, "", "keys", "init")
	if !strings.Contains(told, "there already") && !strings.Contains(told, "links/1") {
		t.Errorf("keys init: %s", told)
	}
	if out := d.mend(t, "", "keys", "init"); !strings.Contains(out, "Nothing was changed") {
		t.Errorf("keys init again: %s", out)
	}
	safe := filepath.Join(t.TempDir(), "mend-keys.json")
	if out := d.mend(t, "", "keys", "export", "--out", safe); !strings.Contains(out, "3 keys") {
		t.Errorf("export of the keys: %s", out)
	}
	if out := d.mend(t, "", "keys", "init", "--from", safe); !strings.Contains(out, "Nothing was changed") {
		t.Errorf("the keys from their own copy: %s", out)
	}
	if says := d.refused(t, "", "keys", "export", "--out", safe); !strings.Contains(says, "--out") {
		t.Errorf("export of the keys over a file: %s", says)
	}
	if out := d.mend(t, "", "keys", "rotate"); !strings.Contains(out, "key 2") {
		t.Errorf("keys rotate: %s", out)
	}
	var id mend.ID
	d.on(t, func(_ *target, svc *service.Service) {
		id = join(t, svc)
		for _, c := range []struct {
			card  int
			event store.CardEvent
		}{
			{1, store.CardReply}, {1, store.CardReply}, {2, store.CardNotForMe}, {3, store.CardStop},
			{content.MaxNumber, store.CardReply},
		} {
			if err := svc.Store.CountCard(t.Context(), c.card, c.event); err != nil {
				t.Fatal(err)
			}
		}
		if err := svc.Store.MoveWatermark(t.Context(), time.Time{}, store.Watermark{At: svc.Now()}); err != nil {
			t.Fatal(err)
		}
	})

	var s statistics
	if err := json.Unmarshal([]byte(d.mend(t, "", "stats", "--json")), &s); err != nil {
		t.Fatal(err)
	}
	if s.CheckIns != 1 || s.Week < 6 || s.Week > 7 || len(s.Days) != 7 || len(s.Queues) != 4 || s.LastTick.IsZero() {
		t.Errorf("stats: %+v", s)
	}
	named := func(number int) string { card, _ := content.Built().ByNumber(number); return card.ID }
	var counts []cardCount
	for _, c := range []store.CardCount{{Card: 1, Replies: 2}, {Card: 2, NotForMe: 1}, {Card: 3, Stops: 1}} {
		counts = append(counts, cardCount{c, named(c.Card)})
	}
	counts = append(counts, cardCount{store.CardCount{Card: content.MaxNumber, Replies: 1}, "(gone)"})
	if !slices.Equal(s.Cards, counts) {
		t.Errorf("stats by card: got %+v, want %+v", s.Cards, counts)
	}
	out := d.mend(t, "", "stats", "--days", "2")
	if !strings.Contains(out, "Active: 1 check-in,") {
		t.Errorf("stats: %s", out)
	}
	_, cards, _ := strings.Cut(out, "\ncard ")
	var order []string // those that were stopped at come first, then those that were not wanted
	for line := range strings.Lines(cards) {
		fields := strings.Fields(line)
		if len(fields) == 4 && (strings.Contains(fields[0], ".") || fields[0] == "(gone)") {
			order = append(order, strings.Join(fields, " "))
		}
	}
	want := []string{named(3) + " 1 0 0", named(2) + " 0 1 0", named(1) + " 0 0 2", "(gone) 0 0 1"}
	if !slices.Equal(order, want) {
		t.Errorf("stats by card: got %q, want %q\n%s", order, want, out)
	}

	out = t.TempDir()
	told = d.mend(t, ann+"\n", "export", "--out", out)
	files, err := filepath.Glob(out + "/letters-*")
	if err != nil || len(files) != 2 || !strings.Contains(told, strings.Join(files, "\n")) {
		t.Fatalf("export wrote %q, %v, and said %s", files, err, told)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil || !strings.Contains(strings.ReplaceAll(string(text), `\`, ""), ann) {
			t.Errorf("%s does not hold their address (%v)", f, err)
		}
	}
	if says := d.refused(t, ann+"\n", "export", "--out", out); !strings.Contains(says, "--out") {
		t.Errorf("export over a file: %s", says)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	says := d.refused(t, ann+"\n", "export", "--out", out) // the other is still there
	if _, err := os.Stat(files[0]); !errors.Is(err, fs.ErrNotExist) || strings.Contains(says, files[0]) {
		t.Errorf("a copy was left without its other half: %v, %s", err, says)
	}
	if says := d.refused(t, "nobody@mail.test\n", "export", "--out", t.TempDir()); !strings.Contains(says, "no one") {
		t.Errorf("export of nobody: %s", says)
	}

	_, text, _ := said(t, append([]string{"doctor", "--json"}, d.flags...)...)
	var found []finding
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, name := range []string{
		"time zones", "keys", "last tick", "breaker", "letters due", "send queue", "now queue", "receipt queue",
		"feedback queue",
	} {
		if !slices.ContainsFunc(found, func(f finding) bool { return f.Name == name && f.OK }) {
			t.Errorf("doctor: %s is not ok: %+v", name, found)
		}
	}
	i := slices.IndexFunc(found, func(f finding) bool { return f.Name == "crisis lines" })
	if i < 0 || found[i].OK || !strings.Contains(found[i].Says, "live in DE,") {
		t.Errorf("doctor: nobody verified a number where they live: %+v", found)
	}

	d.bury(t)
	if says := d.refused(t, "", "doctor"); !strings.Contains(says, "1 dead letter: ") {
		t.Errorf("doctor does not see the dead letter: %s", says)
	}
	if says := d.mend(t, "no\n", "redrive"); !strings.Contains(says, "Nothing was changed") {
		t.Errorf("redrive, answered no: %s", says)
	}
	if says := d.mend(t, "yes\n", "redrive", "send"); !strings.Contains(says, "Put back into the send queue: 1.") {
		t.Errorf("redrive: %s", says)
	}
	if says := d.mend(t, "", "redrive"); !strings.Contains(says, "nothing to put back") {
		t.Errorf("redrive again: %s", says)
	}

	d.backup(t)
	d.on(t, func(_ *target, svc *service.Service) {
		if err := svc.Account.Stop(t.Context(), asThemselves(mend.Person{ID: id})); err != nil {
			t.Fatal(err)
		}
	})
	restore := append([]string{"restore"}, d.from...)
	if says := d.mend(t, "no\n", restore...); !strings.Contains(says, "stop           1") {
		t.Errorf("restore does not show the stop: %s", says)
	}
	late := append(restore[:len(restore):len(restore)], "--taken", "2099-01-01T00:00:00Z")
	if says := d.mend(t, "no\n", late...); !strings.Contains(says, "stop           1") {
		t.Errorf("an instant that was mistyped hides the stop: %s", says)
	}
	d.mend(t, "yes\n", restore...)
	d.on(t, func(in *target, svc *service.Service) {
		if in.stack != nil {
			svc.Store = store.New(in.stack.tableNamed(d.from[1]), nil)
			w, err := svc.Store.Load(t.Context(), id, svc.Now())
			if err != nil || w.Person.Status != mend.Stopped {
				t.Errorf("after restoring they are %s, %v, want stopped", w.Person.Status, err)
			}
			return
		}
		if w := whole(t, svc); w.Person.Status != mend.Stopped {
			t.Errorf("after restoring they are %s, want stopped", w.Person.Status)
		}
	})

	if says := d.refused(t, ann+"\n", "reopen"); !strings.Contains(says, "bounced") {
		t.Errorf("reopen of an address that never bounced: %s", says)
	}
	d.on(t, func(_ *target, svc *service.Service) {
		if err := svc.Account.Suppress(t.Context(), id, true); err != nil {
			t.Fatal(err)
		}
	})
	d.mend(t, ann+"\n", "reopen")
	d.on(t, func(_ *target, svc *service.Service) {
		if w := whole(t, svc); w.Person.Status != mend.Stopped {
			t.Errorf("after reopening they are %s, want stopped", w.Person.Status)
		}
	})

	says = d.mend(t, ann+"\nno\n", "erase")
	if !strings.Contains(says, string(id)) || !strings.Contains(says, "Nothing was changed") {
		t.Errorf("erase, answered no: %s", says)
	}
	d.mend(t, ann+"\ndelete\n", "erase")
	if says := d.refused(t, ann+"\n", "erase"); !strings.Contains(says, "no one") {
		t.Errorf("erase again: %s", says)
	}
	d.on(t, func(in *target, svc *service.Service) {
		counts, err := operate.Journalled(t.Context(), in.journal, svc.Now().Add(-time.Hour))
		if err != nil || counts["erase"] != 1 {
			t.Errorf("the journal has %v, %v, want the erasure", counts, err)
		}
	})
}

func TestAnOperatorsDayOnOneMachine(t *testing.T) {
	folder := t.TempDir()
	m, err := machine.Open(t.Context(),
		machine.Config{Addr: "127.0.0.1:0", SMTP: "127.0.0.1:0", Data: folder, NoTick: true, Log: operatorLog()})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, errs := said(t, "stats", "--data", folder); !strings.Contains(errs, "mend run") {
		t.Errorf("while mend run holds the file: %s", errs)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Run(ended); err != nil {
		t.Fatal(err)
	}
	d := &workplace{where: targetFlags{Data: folder}, flags: []string{"--data", folder}}
	d.bury = func(t *testing.T) {
		d.on(t, func(in *target, svc *service.Service) {
			l := in.file.Queues["send"]
			if err := svc.Queue.Send(t.Context(), "send", mend.Message{Body: []byte("poison")}); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				if _, err := l.Receive(t.Context(), 10, 0); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	d.backup = func(t *testing.T) {
		copied := filepath.Join(t.TempDir(), "backup.db")
		from, err := os.Open(filepath.Join(folder, "mend.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close()
		to, err := os.Create(copied)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(to, from); err != nil {
			t.Fatal(err)
		}
		if err := to.Close(); err != nil {
			t.Fatal(err)
		}
		d.from = []string{"--backup", copied}
	}
	testOperator(t, d)
}

func TestACommandIsToldWhere(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"nowhere":            {[]string{"stats"}, failed, "--stack NAME"},
		"both":               {[]string{"stats", "--stack", "mend", "--data", "."}, usage, "--stack"},
		"a region of a file": {[]string{"stats", "--region", "eu-west-1", "--data", "."}, failed, "--region"},
		"no file there":      {[]string{"stats", "--data", t.TempDir()}, failed, "mend run --data"},
		"which table":        {[]string{"restore", "--stack", "mend"}, failed, "--table"},
		"which backup":       {[]string{"restore", "--data", "."}, failed, "--backup"},
		"stops of a file": {
			[]string{"restore", "--data", ".", "--stops", "2026-03-01T07:00:00Z"}, failed, "--stops is for a stack",
		},
		"mail of a file": {[]string{"receive", "on", "--data", t.TempDir()}, failed, "for a stack"},
		"stops and a backup": {
			[]string{"restore", "--data", ".", "--backup", "x", "--stops", "2026-03-01T07:00:00Z"}, usage, "--stops",
		},
		"a link from a file":  {[]string{"export", "--link", "--data", "."}, failed, "--stack"},
		"more days than kept": {[]string{"stats", "--days", "31", "--data", "."}, failed, "30"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := said(t, c.args...)
			if code != c.code || !strings.Contains(errs, c.says) {
				t.Errorf("exit code %d\n%s\n%s\nwant %d, saying %q", code, out, errs, c.code, c.says)
			}
		})
	}
	for _, command := range []string{
		"keys init", "keys rotate", "doctor", "stats", "receive on", "receive off", "redrive", "export", "erase",
		"reopen", "restore",
	} {
		code, out, _ := said(t, append(strings.Fields(command), "--help")...)
		if code != 0 || !strings.Contains(out, "mend "+command+" --stack") {
			t.Errorf("mend %s --help: exit code %d, want an example\n%s", command, code, out)
		}
	}
}

// Someone who follows the guide has no credentials yet, or has some that ended overnight.
func TestACommandWithoutCredentialsSaysWhatToDo(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "", "AWS_REGION": "eu-west-1",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	code, _, errs := said(t, "doctor", "--stack", "mend")
	if code != failed || !strings.Contains(errs, "aws configure") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
}

// A restore that ends halfway must not be sent from.
func TestARestoreThatFailsIsToBeRunAgain(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "mend.db")
	file, err := local.Open(t.Context(), path, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = keyring.Init(t.Context(), file.Keys, machine.KeyPath)
	err = errors.Join(err, file.Blobs.Put(t.Context(), "journal/2026-03-01T08:00:00.000Z/aaaaaaaaaaaaaaaa-unheard",
		nil), file.Close())
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err = errors.Join(err, os.WriteFile(backup, whole, 0o600)); err != nil {
		t.Fatal(err)
	}
	code, _, errs := said(t, "restore", "--data", folder, "--backup", backup, "--yes",
		"--taken", "2026-03-01T07:00:00Z")
	if code != failed || !strings.Contains(errs, "again with --taken 2026-03-01T07:00:00Z before anything") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
}

func TestReceivingIsSwitchedAfterAYes(t *testing.T) {
	w := newMailWorld()
	w.active = "old"
	set := func(on bool) {
		t.Helper()
		if err := w.stack(t).setReceiving(t.Context(), io.Discard, on, yesFlag{true}); err != nil {
			t.Fatal(err)
		}
	}
	if set(false); w.active != "old" {
		t.Errorf("off, where another is active: %q, want it untouched", w.active)
	}
	if set(true); w.active != "mend-replies" {
		t.Errorf("on: %q is active", w.active)
	}
	if set(false); w.active != "" {
		t.Errorf("off: %q is active", w.active)
	}
}
