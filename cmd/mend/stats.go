package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
)

// statsCmd is `mend stats`.
type statsCmd struct {
	where
	Days int  `default:"7" help:"How many days to show, 30 at most."`
	JSON bool `name:"json" help:"Print JSON."`
}

// Help is shown by --help.
func (statsCmd) Help() string {
	return `Shows how many people get letters, what happened to the latest letters, and what is still under way. For each card
it counts replies, NOT FOR ME, and people who stopped within a day. It shows no address and no one's words. It doesn't
read the whole table, so it can't say how many people are pending or have stopped.

  mend stats --stack mend
  mend stats --data ./.mend --days 30 --json`
}

// statistics is what the command prints.
type statistics struct {
	At       time.Time     `json:"at"`
	CheckIns int           `json:"checkIns"` // subscriptions that are active
	Digests  int           `json:"digests"`
	Reminder int           `json:"reminders"`
	Week     int           `json:"lettersInTheWeekToCome"`
	Days     []auditedDay  `json:"days"` // newest first, by UTC
	Open     underWay      `json:"underWay"`
	Rests    int           `json:"resting"` // people whose mailbox took no letters several times in a row
	LastTick *time.Time    `json:"lastTick,omitempty"`
	Breaker  *time.Time    `json:"breakerOpenUntil,omitempty"`
	Queues   []queueLength `json:"queues"`
	Cards    []cardCount   `json:"cards"` // those that anything was counted of
}

// cardCount is what came of a card, over all people and since the beginning.
type cardCount struct {
	store.CardCount
	ID string `json:"id"`
}

type auditedDay struct {
	Day      mend.Date `json:"day"`
	Due      int       `json:"due"`
	Accepted int       `json:"accepted"`
	Failed   int       `json:"failed"`
	GivenUp  int       `json:"givenUp"` // nobody knows whether they were sent; mostly an answer of the mail service that was lost
	Expired  int       `json:"expired"`
	Released int       `json:"released"` // stopped, paused or moved when their turn came
	Open     int       `json:"openPages"`
}

type underWay struct {
	Pages     int        `json:"pages"`
	Letters   int        `json:"letters"`
	OneOffs   int        `json:"singleLetters"`
	OldestDue *time.Time `json:"oldestDue,omitempty"`
	Erasures  int        `json:"erasures"`
}

type queueLength struct {
	Name    string `json:"name"`
	Waiting int    `json:"waiting"`
	Dead    int    `json:"dead"`
}

// Run prints the statistics.
func (c *statsCmd) Run() error {
	if c.Days < 1 || c.Days > 30 {
		return errors.New("--days is 1 to 30: pages are kept for 30 days")
	}
	return c.look(func(ctx context.Context, in *installation) error {
		s, err := statisticsOf(ctx, in, c.Days)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(os.Stdout, s)
		}
		s.print()
		return nil
	})
}

// reading is the use cases that need no keys.
func (in *installation) reading() *service.Service {
	return service.New(service.Config{Store: in.store, Now: in.now, Log: operatorLog()})
}

func statisticsOf(ctx context.Context, in *installation, days int) (statistics, error) {
	svc, now := in.reading(), in.now().UTC()
	s := statistics{At: now}
	outlook, err := svc.Operate.Forecast(ctx, progress("subscriptions read"))
	progressDone()
	if err != nil {
		return s, err
	}
	s.CheckIns, s.Digests, s.Reminder, s.Week = outlook.CheckIns, outlook.Digests, outlook.Reminders, outlook.Week
	if s.Rests, err = in.store.Rests(ctx, now); err != nil {
		return s, err
	}
	state, err := svc.Operate.State(ctx, days)
	if err != nil {
		return s, err
	}
	for _, a := range state.Days {
		s.Days = append(s.Days, auditedDay{a.Day, a.Due, a.Accepted, a.Failed, a.GivenUp, a.Expired, a.Released, a.Open})
	}
	o := state.Backlog
	s.Open = underWay{Pages: o.Pages, Letters: o.Letters, OneOffs: o.OneOffs, OldestDue: instantOrNone(o.Oldest)}
	s.LastTick, s.Breaker = instantOrNone(state.LastTick), instantOrNone(state.Breaker)
	for i := range 2 {
		begun, err := in.store.Erasing(ctx, mend.DateOf(now).AddDays(-i))
		if err != nil {
			return s, err
		}
		s.Open.Erasures += len(begun)
	}
	for _, l := range in.lines {
		waiting, dead, err := l.depth(ctx)
		if err != nil {
			return s, err
		}
		s.Queues = append(s.Queues, queueLength{l.name(), waiting, dead})
	}
	cards, err := in.store.CardCounts(ctx)
	for _, c := range cards {
		id := "(gone)"
		if card, ok := content.Built().ByNumber(c.Card); ok {
			id = card.ID
		}
		s.Cards = append(s.Cards, cardCount{c, id})
	}
	return s, err
}

func instantOrNone(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (s statistics) print() {
	const minute = "2006-01-02 15:04 UTC"
	fmt.Printf("At %s\n\n", s.At.Format(minute))
	fmt.Printf("Active: %s, %s, %s. In the week to come: %s.\n\n", counted(s.CheckIns, "check-in"), counted(s.Digests, "digest"),
		counted(s.Reminder, "reminder"), counted(s.Week, "letter"))
	if s.Rests > 0 {
		fmt.Printf("Resting: %d. Their mailboxes refused the last few letters.\n\n", s.Rests)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "day (UTC)\tdue\taccepted\tfailed\tgiven up\texpired\treleased\topen pages\t")
	for _, d := range s.Days {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", d.Day, d.Due, d.Accepted, d.Failed, d.GivenUp, d.Expired, d.Released, d.Open)
	}
	w.Flush()
	fmt.Printf("\nUnder way: %s on %s, %s, %s.\n", counted(s.Open.Letters, "letter"), counted(s.Open.Pages, "page"),
		counted(s.Open.OneOffs, "single letter"), counted(s.Open.Erasures, "erasure"))
	if s.Open.OldestDue != nil {
		fmt.Printf("The oldest was due at %s.\n", s.Open.OldestDue.Format(minute))
	}
	s.printCards()
	if s.LastTick != nil {
		fmt.Printf("The last tick handed out what was due up to %s.\n", s.LastTick.Format(minute))
	}
	if s.Breaker != nil {
		fmt.Printf("The breaker is open until %s: nothing is sent.\n", s.Breaker.Format(minute))
	}
	for _, q := range s.Queues {
		fmt.Printf("%s queue: %d waiting, %s.\n", title(q.Name), q.Waiting, counted(q.Dead, "dead letter"))
	}
}

// printCards prints the cards that were stopped at or not wanted first: an editor looks at these.
func (s statistics) printCards() {
	if len(s.Cards) == 0 {
		return
	}
	slices.SortStableFunc(s.Cards, func(a, b cardCount) int {
		return cmp.Or(cmp.Compare(b.Stops, a.Stops), cmp.Compare(b.NotForMe, a.NotForMe), cmp.Compare(b.Replies, a.Replies))
	})
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\ncard\tstops within a day\tNOT FOR ME\treplies")
	for _, c := range s.Cards {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", c.ID, c.Stops, c.NotForMe, c.Replies)
	}
	w.Flush()
}
