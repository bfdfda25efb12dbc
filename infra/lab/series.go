package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/letter/lettersample"
	"example.org/mend/shared/mend"
)

// seriesCmd is `go run ./infra/lab series`: one person's letters, one after the other, as they choose themselves.
type seriesCmd struct {
	Path    string `arg:"" help:"The path: amends, together, betrayal, foundations or apart." enum:"amends,together,betrayal,foundations,apart"`
	Letters int    `help:"How many." default:"12"`
	Role    string `help:"broke-trust, was-hurt or both; not said if it is left out." enum:",broke-trust,was-hurt,both" default:""`
	Person  string `help:"Whose: another name has the cards in another order." default:"zoe"`
}

// Help is shown by --help.
func (seriesCmd) Help() string {
	return `  go run ./infra/lab series foundations > docs/letters.md`
}

// Run prints the letters as Markdown.
func (c *seriesCmd) Run() error { return c.print(os.Stdout) }

func (c *seriesCmd) print(out io.Writer) error {
	library, composer, err := letters()
	if err != nil {
		return err
	}
	head := lettersample.Head()
	mondays := mend.Cadence{Kind: mend.Weekly, Days: mend.OnWeekdays(time.Monday), Every: 1, Time: 450, Zone: "Europe/Berlin"}
	zone, err := cadence.Zone(mondays.Zone)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "# %d letters\n\nWhat somebody on the path “%s” gets, Monday by Monday at 07:30. Made by `go run ./infra/lab series %s`. This is\nthe text part of each letter, whole.\n",
		c.Letters, c.Path, c.Path)
	state := curriculum.State{Path: c.Path, Role: content.Role(c.Role)}
	date := mend.DateOf(head.At)
	for range c.Letters {
		choice, ok := curriculum.Next(library, c.Person, state)
		if !ok {
			return fmt.Errorf("there is no card on the path %q", c.Path)
		}
		state = choice.State
		date, _ = cadence.Next(mondays, date)
		head.At = cadence.At(zone, date, mondays.Time).In(zone)
		body := letter.CheckIn{Card: choice.Card, Question: choice.Question, Round: choice.Round - 1, NewRound: choice.NewRound}
		mail, err := composer.Compose(head, body)
		if err != nil {
			return err
		}
		plain, _, err := lettersample.Parts(mail.Raw)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "\n## %s\n\nSubject: %s\n\n", head.At.Format("Monday 2 January 2006, 15:04"), mail.Subject)
		for line := range strings.Lines(strings.TrimSpace(plain)) {
			fmt.Fprint(&text, strings.TrimRight("    "+line, " \n")+"\n")
		}
		date = date.AddDays(1)
	}
	_, err = text.WriteTo(out)
	return err
}
