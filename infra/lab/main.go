// Command lab is the laboratory: the simulator, the mutants that test the simulator, the
// benchmarks, and the letters in the docs. The operator's command, cmd/mend, holds none of it.
package main

import (
	"fmt"
	"os"

	"example.org/mend/content"
	"example.org/mend/infra/mutants"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/letter/lettersample"

	"github.com/alecthomas/kong"
)

type commands struct {
	Simulate simulateCmd `cmd:"" help:"Run virtual worlds that fail, and check the invariants of the send protocol."`
	Price    priceCmd    `cmd:"" help:"Print what a million check-ins and an idle month cost."`
	Cost     costCmd     `cmd:"" help:"Draw what a month costs against how many people there are, as SVG."`
	Mutants  mutantsCmd  `cmd:"" help:"Remove each condition of the send protocol, one at a time, and fail unless the simulator sees it."`
	Bench    benchCmd    `cmd:"" help:"Measure how fast letters go."`
	Series   seriesCmd   `cmd:"" help:"Print the letters of one person's path, one after the other."`
	Lines    linesCmd    `cmd:"" help:"Count the lines of the product, package by package."`
	Walks    walksCmd    `cmd:"" help:"Count how far a reader goes who follows one thing through the code."`
	Year     yearCmd     `cmd:"" help:"Print one person's year: what they wrote, and the letters that came."`
	Gallery  galleryCmd  `cmd:"" help:"Write a page for every card and letter, with an index."`
	Draw     drawCmd     `cmd:"" help:"Draw the pictures of docs/aws.md, with made-up numbers."`
}

func main() {
	var c commands
	ctx := kong.Parse(&c,
		kong.Name("go run ./infra/lab"),
		kong.Description("The laboratory of Mend: what proves and measures the product without being part of it."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Exit(func(code int) { os.Exit(min(code, 2)) }), // 2: it could not be told what to do
	)
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}

type mutantsCmd struct {
	Only  string `help:"Try only the mutants whose name contains this."`
	Seeds int    `default:"2000" help:"In how many worlds each has to be found."`
	Part  int    `default:"1" help:"Which part of the list, where several runs share it,"`
	Parts int    `default:"1" help:"among how many runs."`
}

// Help is shown by --help.
func (mutantsCmd) Help() string { return `  go run ./infra/lab mutants --only "claim"` }

// Run tries the mutants.
func (c *mutantsCmd) Run() error {
	if c.Seeds < 1 || c.Parts < 1 || c.Part < 1 || c.Part > c.Parts {
		return fmt.Errorf("--seeds and --parts are 1 at least, and --part is one of 1 to %d", max(c.Parts, 1))
	}
	return mutants.Run(mutants.Options{Only: c.Only, Seeds: c.Seeds, Part: c.Part, Parts: c.Parts})
}

// letters is the cards, and what composes letters of them.
func letters() (*content.Library, *letter.Composer, error) {
	composer, err := letter.New(content.Languages(), lettersample.Config)
	return content.Built(), composer, err
}
