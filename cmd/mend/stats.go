package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/operate"
	"example.org/mend/shared/store"
)

type statsCmd struct {
	targetFlags
	Days int  `default:"7" help:"How many days to show, 30 at most."`
	JSON bool `help:"Print JSON."`
}

type statistics struct {
	At time.Time `json:"at"`
	operate.Forecast
	operate.State
	Queues []queueLength `json:"queues"`
	Cards  []cardCount   `json:"cards"` // those that anything was counted of
}

type queueLength struct {
	Name    string `json:"name"`
	Waiting int    `json:"waiting"`
	Dead    int    `json:"dead"`
}

// cardCount is what came of a card, over all people and since the beginning.
type cardCount struct {
	store.CardCount
	ID string `json:"id"`
}

func (c *statsCmd) Run(ctx context.Context, out io.Writer) error {
	if c.Days < 1 || c.Days > 30 {
		return errors.New("--days is 1 to 30: pages are kept for 30 days")
	}
	return c.look(ctx, func(in *target) error {
		s, err := statisticsOf(ctx, in, c.Days)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(out, s)
		}
		return s.print(out)
	})
}

func statisticsOf(ctx context.Context, in *target, days int) (s statistics, err error) {
	svc := in.reading()
	s.At, s.Cards = in.now().UTC(), []cardCount{}
	step, done := progress("subscriptions read")
	s.Forecast, err = svc.Operate.Forecast(ctx, step)
	done()
	if err != nil {
		return s, err
	}
	if s.State, err = svc.Operate.State(ctx, days); err != nil {
		return s, err
	}
	for _, q := range in.queues {
		waiting, dead, err := q.depth(ctx)
		if err != nil {
			return s, err
		}
		s.Queues = append(s.Queues, queueLength{q.name, waiting, dead})
	}
	cards, err := svc.Store.CardCounts(ctx)
	for _, c := range cards {
		id := "(gone)"
		if card, ok := content.Built().ByNumber(c.Card); ok {
			id = card.ID
		}
		s.Cards = append(s.Cards, cardCount{c, id})
	}
	return s, err
}

// minute is how instants are printed.
const minute = "2006-01-02 15:04 UTC"

func (s statistics) print(out io.Writer) error {
	fmt.Fprintf(out, "At %s\n\n", s.At.Format(minute))
	fmt.Fprintf(out, "Active: %s, %s, %s. In the week to come: %s.\n\n", counted(s.CheckIns, "check-in"),
		counted(s.Digests, "digest"), counted(s.Reminders, "reminder"), counted(s.Week, "letter"))
	if s.Rests > 0 {
		fmt.Fprintf(out, "Resting: %d. Their mailboxes refused the last few letters.\n\n", s.Rests)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "day (UTC)\tdue\taccepted\tfailed\tgiven up\texpired\treleased\topen pages\t")
	for _, d := range s.Days {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n",
			d.Day, d.Due, d.Accepted, d.Failed, d.GivenUp, d.Expired, d.Released, d.Open)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	open := s.Backlog
	fmt.Fprintf(out, "\nUnder way: %s on %s, %s, %s.\n", counted(open.Letters, "letter"),
		counted(open.Pages, "page"), counted(open.OneOffs, "single letter"), counted(open.Erasures, "erasure"))
	if !open.Oldest.IsZero() {
		fmt.Fprintf(out, "The oldest was due at %s.\n", open.Oldest.UTC().Format(minute))
	}
	if len(s.Cards) > 0 {
		// Those that were stopped at or not wanted come first: an editor looks at these.
		slices.SortStableFunc(s.Cards, func(a, b cardCount) int {
			return cmp.Or(cmp.Compare(b.Stops, a.Stops), cmp.Compare(b.NotForMe, a.NotForMe),
				cmp.Compare(b.Replies, a.Replies))
		})
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "\ncard\tstops within a day\tNOT FOR ME\treplies")
		for _, c := range s.Cards {
			fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", c.ID, c.Stops, c.NotForMe, c.Replies)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if !s.LastTick.IsZero() {
		fmt.Fprintf(out, "The last tick handed out what was due up to %s.\n", s.LastTick.Format(minute))
	}
	if !s.Breaker.IsZero() {
		fmt.Fprintf(out, "The breaker is open until %s: nothing is sent.\n", s.Breaker.Format(minute))
	}
	for _, q := range s.Queues {
		fmt.Fprintf(out, "%s queue: %d waiting, %s.\n", title(q.Name), q.Waiting, counted(q.Dead, "dead letter"))
	}
	return nil
}
