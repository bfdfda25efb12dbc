package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/letter/lettersample"
	"example.org/mend/shared/mend"
)

// seriesCmd is `go run ./infra/lab series`: the letters of a path, week by week, for each role.
type seriesCmd struct {
	Path    string   `arg:"" help:"The path: amends, together, betrayal, foundations or apart." enum:"amends,together,betrayal,foundations,apart"`
	Letters int      `help:"How many for each role: twelve steps, two looks back and a closing letter are fifteen." default:"15"`
	Role    []string `help:"broke-trust, was-hurt or both." default:"was-hurt,broke-trust"`
}

// Help is shown by --help.
func (seriesCmd) Help() string {
	return `  go run ./infra/lab series betrayal > docs/letters.md`
}

// Run prints the letters as Markdown.
func (c *seriesCmd) Run() error { return c.print(os.Stdout) }

func (c *seriesCmd) print(out io.Writer) error {
	library, composer, err := letters()
	if err != nil {
		return err
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, `# %s: twelve steps

What someone gets on the path “%s”, Monday by Monday at 07:30: the plain-text part of each letter, in full.
Someone with more letters a week gets the same pages in the same weeks, and short check-ins between them.
Made by `+"`go run ./infra/lab series %s`"+`.
`, strings.ToUpper(c.Path[:1])+c.Path[1:], c.Path, c.Path)
	for _, role := range c.Role {
		fmt.Fprintf(&text, "\n## For someone whose side is “%s”\n", role)
		if err := c.letters(&text, library, composer, mend.Role(role)); err != nil {
			return err
		}
	}
	_, err = text.WriteTo(out)
	return err
}

// letters writes the letters of one role.
func (c *seriesCmd) letters(
	text *bytes.Buffer, library *content.Library, composer *letter.Composer, role mend.Role,
) error {
	head := lettersample.Head()
	state := mend.Subscription{Path: c.Path, Role: role}
	date := mend.DateOf(head.At)
	for range c.Letters {
		choice, ok := curriculum.Next(library, state, date)
		if !ok {
			return fmt.Errorf("there is no card on the path %q", c.Path)
		}
		state.Step = choice.Next
		body := letter.CheckIn{Choice: choice}
		if choice.Card == nil {
			body.Housekeeping = letter.Housekeeping{Name: "still-fits", URL: head.Preferences + "?ask=still-fits"}
		}
		mail, err := composer.Compose(head, body)
		if err != nil {
			return err
		}
		plain, _, err := lettersample.Parts(mail.Raw)
		if err != nil {
			return err
		}
		fmt.Fprintf(text, "\n### %s\n\nSubject: %s\n\n", head.At.Format("Monday 2 January 2006"), mail.Subject)
		for line := range strings.Lines(strings.TrimSpace(plain)) {
			fmt.Fprint(text, strings.TrimRight("    "+line, " \n")+"\n")
		}
		date, head.At = date.AddDays(7), head.At.AddDate(0, 0, 7)
	}
	return nil
}
