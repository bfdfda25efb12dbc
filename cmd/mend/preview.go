package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"example.org/mend/content"
	"example.org/mend/content/lint"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/letter/lettersample"
)

// previewCmd is `mend preview`: letters as a person gets them, with example names, dates and links.
type previewCmd struct {
	contentDir
	What   string `arg:"" optional:"" name:"card-or-letter" help:"The id of a card, such as amends.name-the-harm, or a letter, such as digest."`
	Format string `help:"What to print: ${enum}. eml is the whole message." enum:"text,html,eml" default:"text"`
	Letter int    `help:"Which letter of the card's week, 1 to 4. The first is the page." default:"1"`
}

func (c *previewCmd) Run(out io.Writer) error {
	switch {
	case c.What == "":
		return errors.New("name a card or a letter to show; mend preview --help lists the letters")
	case c.Letter < 1 || c.Letter > 4:
		return errors.New("--letter is 1, 2, 3 or 4")
	}
	// The letters are of the folder, so that an editor sees what was just written. Without --dir
	// and without a folder, they are those that this program was built with.
	library, languages := content.Built(), content.Languages()
	if files, err := c.source(); err == nil {
		read, err := c.library()
		if err != nil {
			return err
		}
		if languages, err = lint.Languages(files); err != nil {
			return err
		}
		library = read.Library
	} else if c.Dir != contentFolder {
		return err
	}
	composer, err := letter.New(languages, lettersample.Config)
	if err != nil {
		return err
	}
	all := lettersample.Letters(library)
	letters := len(all)
	for _, card := range library.All() {
		all = append(all, lettersample.OfCard(library, card, c.Letter))
	}
	at := slices.IndexFunc(all, func(s lettersample.Sample) bool { return s.Name == c.What })
	if at < 0 {
		var names []string
		for _, s := range all {
			names = append(names, s.Name)
		}
		return fmt.Errorf("there is no card or letter %q%s", c.What, cmp.Or(lint.DidYouMean(c.What, names),
			`; "mend content list" lists the cards, and "mend help preview" the letters`))
	}
	if at < letters && c.Letter > 1 {
		return fmt.Errorf("--letter is about a card, and %s is a letter by itself", c.What)
	}
	m, text, html, err := all[at].Compose(composer)
	switch {
	case err != nil:
		return err
	case c.Format == "eml":
		_, err = out.Write(m.Raw)
	case c.Format == "html":
		_, err = io.WriteString(out, html)
	default:
		_, err = fmt.Fprintf(out, "Subject: %s\n\n%s", m.Subject, text)
	}
	return err
}

func letterNames() (names []string) {
	for _, s := range lettersample.Letters(content.Built()) {
		names = append(names, s.Name)
	}
	return names
}
