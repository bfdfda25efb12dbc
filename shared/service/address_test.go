package service_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/feedback"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

const newMail = "ann.new@example.test"

// moving is somebody active who asked for their letters to go to newMail.
func moving(t *testing.T) (*world, account.Access) {
	w := newWorld(t, "2026-02-26 09:00")
	w.private = append(w.private, newMail)
	a := account.Access{Person: w.active(), SignedIn: true}
	w.do(w.svc.SignIn.MoveAddress(t.Context(), a, newMail))
	w.drain()
	return w, a
}

// to is the addresses that letters of a kind went to, in order.
func (w *world) to(kind mend.Kind) string {
	var all []string
	for _, l := range w.letters(kind) {
		all = append(all, l.To.Mail())
	}
	return strings.Join(all, " ")
}

func TestLettersMoveAfter72HoursAndTwoYeses(t *testing.T) {
	w, a := moving(t)
	if got := w.to(mend.Notice); got != annMail {
		t.Errorf("the notice went to %q, want the old address", got)
	}
	asked := get(w.svc.Account.Settings(t.Context(), a))(w).Moving.At
	if got, want := mend.InWords(asked, w.now), "Sunday 1 March at 09:00"; got != want {
		t.Errorf("the page says that the new address is asked on %s, want %s in the person's zone", got, want)
	}
	w.now = w.now.Add(71 * time.Hour)
	w.tick()
	if got := w.to(mend.Confirmation); got != annMail {
		t.Errorf("before the 72 hours: confirmations to %q", got)
	}
	w.until("2026-03-01 09:15")
	if got := w.to(mend.Confirmation); got != annMail+" "+newMail {
		t.Fatalf("after the 72 hours: confirmations to %q", got)
	}
	ask := w.last(mend.Confirmation)
	yes := w.link(ask, "/address/yes/")
	w.do(w.follow(token.AddressChange, yes, w.svc.SignIn.CheckMoveLink))
	w.until("2026-03-02 09:00")
	if got := w.last(mend.CheckIn).To.Mail(); got != annMail {
		t.Errorf("before the yes a letter went to %q", got)
	}
	w.do(w.confirmMove(yes))
	w.drain()
	moved := w.load(a.Person).Person
	w.do(w.confirmMove(yes)) // pressed twice
	if now := w.load(a.Person).Person; now != moved {
		t.Errorf("a second yes changes %+v to %+v", moved, now)
	}
	w.drain()
	w.until("2026-03-03 09:00")
	if got := w.last(mend.CheckIn).To.Mail(); got != newMail {
		t.Errorf("after the yes a letter went to %q", got)
	}
	if got := w.to(mend.Notice); got != annMail+" "+newMail {
		t.Errorf("notices went to %q, want one to each", got)
	}
	// The old address is nobody's now, and the new one signs in.
	w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
	w.do(w.svc.SignIn.RequestSignIn(t.Context(), newMail))
	w.drain()
	if got := w.to(mend.SignIn); got != newMail {
		t.Errorf("sign-in letters went to %q", got)
	}
	if strings.Contains(w.everything(), annMail) && !strings.Contains(w.everything(), newMail) {
		t.Error("the table still knows the old address")
	}
}

func TestWhatWaitsForItsDayMovesToo(t *testing.T) {
	w, _ := moving(t)
	w.until("2026-03-01 08:00")
	w.receive(w.last(mend.CheckIn), incoming{words: "PROMISE water the basil by Friday"})
	w.until("2026-03-01 09:15")
	w.do(w.confirmMove(w.link(w.last(mend.Confirmation), "/address/yes/")))
	w.until("2026-03-07 00:00")
	if got := w.to(mend.PromiseKind); got != newMail {
		t.Errorf("the promise was asked about at %q, want the new address, once", got)
	}
}

// leaving is a person who is asked at newMail whether they move there, and whose letters rest.
func leaving(t *testing.T) (*world, account.Access) {
	w, a := moving(t)
	for _, day := range []string{"02-27", "02-28", "03-01", "03-02", "03-03"} {
		w.until("2026-" + day + " 08:00")
		l := w.last(mend.CheckIn)
		w.do(w.svc.Feedback.Take(t.Context(), feedback.Event{
			Kind: feedback.Bounced, Occurrence: l.Occurrence, To: l.To.Mail(), At: w.now,
		}))
	}
	if view := get(w.svc.Account.Settings(t.Context(), a))(w); !view.Rests {
		t.Fatal("letters don't rest")
	}
	return w, a
}

// Letters that rest because the mailbox took none come again when it is left. A pause of the
// person's own goes on.
func TestAMoveEndsTheRestOfAFullMailbox(t *testing.T) {
	for paused, want := range map[string]string{"": newMail, "2026-03-20": ""} {
		w, a := leaving(t)
		if paused != "" {
			w.change(a.Person, func(f *account.Form) { f.PauseUntil = paused })
		}
		w.do(w.confirmMove(w.link(w.last(mend.Confirmation), "/address/yes/")))
		before := len(w.letters(mend.CheckIn))
		w.until("2026-03-04 08:00")
		to := ""
		for _, l := range w.letters(mend.CheckIn)[before:] {
			to += l.To.Mail()
		}
		if to != want {
			t.Errorf("paused %q: a letter came to %q, want %q", paused, to, want)
		}
	}
}

func TestWhereverTheTableFailsAMoveEndsTheRest(t *testing.T) {
	var yes string
	begin := func(t *testing.T) *world {
		w, _ := leaving(t)
		yes = w.link(w.last(mend.Confirmation), "/address/yes/")
		w.receive(w.last(mend.CheckIn), incoming{words: "PROMISE water the basil by tomorrow"})
		return w
	}
	move := func(w *world) {
		if err := w.confirmMove(yes); err != nil && !errors.Is(err, errTable) {
			w.Error(err)
		}
	}
	eachCall(t, begin, move, func(w *world, _ bool) {
		move(w)
		before := len(w.letters(mend.CheckIn))
		w.until("2026-03-04 20:00")
		came := w.letters(mend.CheckIn)[before:]
		if len(came) != 1 || came[0].To.Mail() != newMail || w.to(mend.PromiseKind) != newMail {
			w.Errorf("check-ins %d, the promise was asked about at %q; want one each, to the new address", len(came),
				w.to(mend.PromiseKind))
		}
	})
}

// Whoever reads the old mailbox may have asked for a link to sign in before the move, and must
// not be let in after it.
func TestNoLinkToSignInOutlivesAMove(t *testing.T) {
	w, _ := moving(t)
	w.until("2026-03-01 09:15")
	yes := w.link(w.last(mend.Confirmation), "/address/yes/")
	w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
	w.drain()
	had := w.link(w.last(mend.SignIn), "/signin/")
	w.now = w.now.Add(2 * time.Minute)
	w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail)) // which is on its way yet
	w.do(w.confirmMove(yes))
	w.drain()
	w.wantLetters(mend.SignIn, 1)
	if _, err := w.signInBy(had); code(err) != mend.Gone {
		t.Errorf("a link from before the move: got %v, want it refused", err)
	}
}

// Someone who still reads the old mailbox can answer its letters. The answer is kept, and we write
// nothing about it to the new mailbox. Of the person's own answer we do.
func TestTheOldMailboxCausesNoLetterToTheNewOne(t *testing.T) {
	for from, want := range map[string]int{annMail: 0, newMail: 1} {
		for _, verdict := range []receive.Verdict{receive.Pass, receive.Fail} {
			w, a := moving(t)
			w.until("2026-03-01 09:20")
			old := w.last(mend.CheckIn)
			w.do(w.confirmMove(w.link(w.last(mend.Confirmation), "/address/yes/")))
			w.drain()
			before := len(w.letters())
			w.receive(old, incoming{words: "PAUSE 1 week\nI know where you are.", from: from, dmarc: verdict})
			if got := w.replies(a.Person); len(got) != 1 || got[0].Flag == mend.NotFlagged {
				t.Errorf("from %s, %s: kept %+v, want it set aside", from, verdict, got)
			}
			if got := len(w.letters()) - before; got != want {
				t.Errorf("from %s, %s: %d letters, want %d", from, verdict, got, want)
			}
		}
	}
}

// A promise whose letter may have been taken or not is asked about once more, at the new address.
func TestASecondAttemptMovesToo(t *testing.T) {
	w, _ := moving(t)
	w.until("2026-03-01 08:00")
	w.receive(w.last(mend.CheckIn), incoming{words: "PROMISE water the basil by tomorrow"})
	w.post.verdict = once(mend.PromiseKind, verdict{err: errTimeout})
	w.until("2026-03-02 19:05")
	if got := w.to(mend.PromiseKind); got != annMail {
		t.Fatalf("the promise was asked about at %q, want the old address so far", got)
	}
	w.do(w.confirmMove(w.link(w.last(mend.Confirmation), "/address/yes/")))
	w.until("2026-03-03 09:00")
	if got := w.to(mend.PromiseKind); got != annMail+" "+newMail {
		t.Errorf("the promise was asked about at %q, want the second attempt at the new address", got)
	}
}

func TestTheOldAddressCanKeepItsLetters(t *testing.T) {
	for _, after := range []string{"2026-02-27 09:00", "2026-03-01 10:00"} { // before the new one is asked, and after
		w, a := moving(t)
		keep := w.link(w.last(mend.Notice), "/address/keep/")
		w.until(after)
		w.do(w.follow(token.AddressCancel, keep, w.svc.SignIn.CheckKeepLink))
		w.do(w.keepAddress(keep))
		w.until("2026-03-01 12:00")
		if asked := w.last(mend.Confirmation); asked.To.Mail() == newMail {
			if err := w.confirmMove(w.link(asked, "/address/yes/")); code(err) != mend.Gone {
				t.Errorf("the new address says yes after the old one said no: got %v", err)
			}
		} else if after == "2026-03-01 10:00" {
			t.Error("the new address was not asked")
		}
		if got := w.load(a.Person).Person.Address.Mail(); got != annMail {
			t.Errorf("letters go to %q", got)
		}
	}
}

// A backup can hold a move that the old address has called off since.
func TestARestoreBringsBackNoMove(t *testing.T) {
	w, a := moving(t)
	keep, restore := w.link(w.last(mend.Notice), "/address/keep/"), w.backUp()
	w.until("2026-02-26 12:00")
	w.do(w.keepAddress(keep))
	restore()
	w.until("2026-03-03 12:00")
	if got := w.to(mend.Confirmation); got != annMail {
		t.Errorf("confirmations went to %q, want the first alone", got)
	}
	if got := get(w.svc.Account.Settings(t.Context(), a))(w).Moving; got != nil {
		t.Errorf("a move is under way: %+v", got)
	}
}

// Whoever is signed in may ask for a move again and again. Each notice says no to all of that, and
// the same form sent twice asks once.
func TestAnyNoticeOfAMoveKeepsTheAddress(t *testing.T) {
	for name, ask := range map[string]func(w *world, a account.Access){
		"the same address": func(w *world, a account.Access) {
			w.do(w.svc.SignIn.MoveAddress(w.Context(), a, newMail))
		},
		"another address": func(w *world, a account.Access) {
			w.do(w.svc.SignIn.MoveAddress(w.Context(), a, "third@example.test"))
		},
		"dropped, and asked for again": func(w *world, a account.Access) {
			w.do(w.svc.SignIn.DropMove(w.Context(), a))
			w.do(w.svc.SignIn.MoveAddress(w.Context(), a, newMail))
		},
	} {
		for _, until := range []string{"2026-02-28 09:00", "2026-03-02 12:00"} { // the new one is asked between
			t.Run(name+" until "+until, func(t *testing.T) {
				w, a := moving(t)
				w.private = append(w.private, "third@example.test")
				first := w.link(w.last(mend.Notice), "/address/keep/")
				w.until("2026-02-27 09:00")
				ask(w, a)
				w.drain()
				want := 2
				if name == "the same address" {
					want = 1
				}
				w.wantLetters(mend.Notice, want)
				w.until(until)
				w.do(w.follow(token.AddressCancel, first, w.svc.SignIn.CheckKeepLink))
				w.do(w.keepAddress(first))
				kept := w.load(a.Person).Person
				w.do(w.keepAddress(first)) // pressed twice
				if now := w.load(a.Person).Person; now != kept {
					t.Errorf("the link a second time changes %+v to %+v", kept, now)
				}
				w.until("2026-03-03 12:00")
				if asked := w.last(mend.Confirmation); asked.To.Mail() != annMail {
					err := w.confirmMove(w.link(asked, "/address/yes/"))
					if code(err) != mend.Gone {
						t.Errorf("the new address says yes after the old one said no: got %v", err)
					}
				} else if until == "2026-03-02 12:00" {
					t.Error("the new address was not asked")
				}
				if got := w.load(a.Person).Person.Address.Mail(); got != annMail {
					t.Errorf("letters go to %q", got)
				}
			})
		}
	}
}

func TestTheNewAddressCanRefuse(t *testing.T) {
	w, a := moving(t)
	w.until("2026-03-01 09:15")
	no := w.link(w.last(mend.Confirmation), "/address/no/")
	w.do(w.refuseMove(no))
	if err := w.confirmMove(no); code(err) != mend.Gone {
		t.Errorf("a yes after the no: got %v", err)
	}
	w.do(w.svc.SignIn.MoveAddress(t.Context(), a, newMail))
	sent := len(w.letters(mend.Confirmation))
	w.until("2026-03-05 09:15")
	if got := len(w.letters(mend.Confirmation)); got != sent {
		t.Error("an address that said no was asked again")
	}
}

// contested is a table in which another change comes first, once.
type contested struct {
	store.Table
	lost *bool
}

func (c contested) loses(writes ...store.Write) bool {
	conditional := slices.ContainsFunc(writes, func(w store.Write) bool { return len(w.If) > 0 })
	lost := conditional && !*c.lost
	*c.lost = *c.lost || lost
	return lost
}

func (c contested) Write(ctx context.Context, w store.Write) (store.Item, error) {
	if c.loses(w) {
		return nil, &store.ConditionFailed{}
	}
	return c.Table.Write(ctx, w)
}

func (c contested) Transact(ctx context.Context, writes []store.Write) error {
	if c.loses(writes...) {
		return &store.ConditionFailed{}
	}
	return c.Table.Transact(ctx, writes)
}

// Who presses a button while something else changes is not told of it.
func TestALostRaceIsDecidedAgain(t *testing.T) {
	for name, press := range map[string]func(w *world, a account.Access) error{
		"the new address says yes": func(w *world, _ account.Access) error {
			return w.confirmMove(w.link(w.last(mend.Confirmation), "/address/yes/"))
		},
		"the new address says no": func(w *world, _ account.Access) error {
			return w.refuseMove(w.link(w.last(mend.Confirmation), "/address/no/"))
		},
		"the old address says no": func(w *world, _ account.Access) error {
			return w.keepAddress(w.link(w.last(mend.Notice), "/address/keep/"))
		},
		"a stop":     func(w *world, a account.Access) error { return w.svc.Account.Stop(w.Context(), a) },
		"an erasure": func(w *world, a account.Access) error { return w.svc.Account.Erase(w.Context(), a, "delete") },
		"sign-in links refused": func(w *world, a account.Access) error {
			w.do(w.svc.SignIn.RequestSignIn(w.Context(), annMail))
			w.drain()
			return w.setMuted(w.link(w.last(mend.SignIn), "/mute/"), true)
		},
	} {
		w, a := moving(t)
		w.until("2026-03-01 09:15")
		lost := false
		w.svc.Store = store.New(contested{w.table, &lost}, []byte("the address secret"))
		if err := press(w, a); err != nil || !lost {
			t.Errorf("%s: got %v; lost a race: %v", name, err, lost)
		}
	}
}

// A move that has ended stays ended: letters don't move though they come again, and the new address
// can still say that it wants none.
func TestWhatEndsAMove(t *testing.T) {
	stop := func(w *world, a account.Access) { w.do(w.svc.Account.Stop(w.Context(), a)) }
	ways := map[string]func(w *world, a account.Access){
		"stop, undone": func(w *world, a account.Access) {
			stop(w, a)
			w.do(w.svc.Account.Undo(w.Context(), a))
		},
		"stop, and signed up again": func(w *world, a account.Access) {
			stop(w, a)
			w.join()
			w.drain()
			w.do(w.confirm(w.link(w.last(mend.Confirmation), "/confirm/")))
		},
		"stop, restored": func(w *world, a account.Access) {
			restore := w.backUp()
			w.now = w.now.Add(10 * time.Minute)
			stop(w, a)
			w.now = w.now.Add(time.Minute)
			w.do(w.svc.Account.Undo(w.Context(), a))
			restore()
		},
		"stop":  stop,
		"erase": func(w *world, a account.Access) { w.do(w.svc.Account.Erase(w.Context(), a, "delete")) },
		"drop":  func(w *world, a account.Access) { w.do(w.svc.SignIn.DropMove(w.Context(), a)) },
		"leave": func(w *world, a account.Access) { w.do(w.svc.SignIn.SignOutEverywhere(w.Context(), a)) },
		"another": func(w *world, a account.Access) {
			w.do(w.svc.SignIn.MoveAddress(w.Context(), a, "third@example.test"))
		},
	}
	for name, end := range ways {
		w, a := moving(t)
		w.private = append(w.private, "third@example.test")
		end(w, a)
		w.until("2026-03-01 12:00")
		if got := w.to(mend.Confirmation); strings.Contains(got, newMail) {
			t.Errorf("%s: confirmations went to %q", name, got)
		}
	}
	for name, end := range ways {
		w, a := moving(t)
		w.private = append(w.private, "third@example.test")
		w.until("2026-03-01 09:20") // the new address has been asked
		ask := w.last(mend.Confirmation)
		yes, no := w.link(ask, "/address/yes/"), w.link(ask, "/address/no/")
		end(w, a)
		w.drain()
		if err := w.follow(token.AddressChange, yes, w.svc.SignIn.CheckMoveLink); code(err) != mend.Gone {
			t.Errorf("%s, after the question: the page of the yes: got %v, want it gone", name, err)
		}
		if err := w.confirmMove(yes); code(err) != mend.Gone {
			t.Errorf("%s, after the question: the yes: got %v, want it gone", name, err)
		}
		if name == "erase" || name == "leave" || name == "stop, restored" {
			continue
		}
		if got := w.load(a.Person).Person.Address.Mail(); got != annMail {
			t.Errorf("%s, after the question: letters go to %q", name, got)
		}
		w.do(w.refuseMove(no))
		if got := get(w.svc.Store.Address(t.Context(), mend.StoredAddress(newMail)))(w); !got.Blocked {
			t.Errorf("%s: the new address said that it wants no letters, and isn't blocked", name)
		}
		moving := get(w.svc.Account.Settings(t.Context(), a))(w).Moving
		if (moving != nil) != (name == "another") {
			t.Errorf("%s: the page shows the move %+v", name, moving)
		}
	}
}

// Once the new address has been asked, the page says so, and the person can still call it off. It
// shows the same, no matter what that address says and who has it.
func TestAMoveIsShownUntilItsAnswer(t *testing.T) {
	w, a := moving(t)
	w.until("2026-03-01 09:20")
	shown := func() account.Move {
		moving := get(w.svc.Account.Settings(t.Context(), a))(w).Moving
		if moving == nil {
			t.Fatal("the page shows no move")
		}
		return *moving
	}
	asked := shown()
	if !asked.Asked || asked.To.Mail() != newMail {
		t.Errorf("the page shows %+v, want that the new address was asked", asked)
	}
	w.do(w.refuseMove(w.link(w.last(mend.Confirmation), "/address/no/")))
	if got := shown(); got != asked {
		t.Errorf("after the no the page shows %+v, want %+v as before", got, asked)
	}
	w.do(w.svc.SignIn.DropMove(t.Context(), a))
	if got := get(w.svc.Account.Settings(t.Context(), a))(w).Moving; got != nil {
		t.Errorf("after it was called off: %+v", got)
	}
}

// Design, invariant 8: what the asking person sees is the same for every address.
func TestAMoveTellsNothingOfTheNewAddress(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:00")
	bob := func(f *account.Form) { f.Email = newMail }
	other := w.active(bob)
	a := account.Access{Person: w.active(), SignedIn: true}
	w.do(w.svc.SignIn.MoveAddress(t.Context(), a, newMail))
	asked := len(w.letters(mend.Confirmation))
	w.until("2026-03-01 12:00")
	if got := len(w.letters(mend.Confirmation)); got != asked {
		t.Error("somebody who gets letters was asked to take another's")
	}
	if got := w.load(other).Person.Address.Mail(); got != newMail {
		t.Errorf("the other's letters go to %q", got)
	}
	err := w.svc.SignIn.MoveAddress(t.Context(), account.Access{Person: a.Person}, newMail)
	if code(err) != mend.NeedSignIn {
		t.Errorf("by a link alone: got %v", err)
	}
	for typed, want := range map[string]bool{"": true, "nobody": true, annMail: true, "ok@example.test": false} {
		if got := problem(w.svc.SignIn.MoveAddress(t.Context(), a, typed), "email"); (got != "") != want {
			t.Errorf("%q: got %q", typed, got)
		}
	}
}
