package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"example.org/mend/content"
	"example.org/mend/shared/card"
	"example.org/mend/shared/letter"
)

// contentCmd is `mend content`: what editors of the cards need.
type contentCmd struct {
	Lint     contentLint     `cmd:"" help:"Say what is wrong with the cards and the letters' words, and what to write instead."`
	List     contentList     `cmd:"" help:"List the cards."`
	Coverage contentCoverage `cmd:"" help:"List the advice, and the cards that draw on it."`
	New      contentNew      `cmd:"" help:"Begin a new card."`
}

// contentDir is the folder that the commands read.
type contentDir struct {
	Dir string `help:"Folder of the content. Default: ./content if it is there, else what this program was built with." placeholder:"DIR" type:"existingdir"`
}

// source is the content, and the folder to name before its files.
func (d contentDir) source() (fs.FS, string) {
	dir := d.Dir
	if dir == "" {
		dir = "content"
		if _, err := os.Stat(filepath.Join(dir, card.AdviceFile)); err != nil {
			return content.FS, dir
		}
	}
	return os.DirFS(dir), dir
}

func (d contentDir) library() (*card.Library, error) {
	files, dir := d.source()
	lib, err := card.Load(files)
	if err != nil {
		return nil, fmt.Errorf("%w\n(the files are in %s; \"mend content lint\" says all that is wrong)", err, dir)
	}
	return lib, nil
}

// letters is the cards, and what composes examples of letters of them.
func (d contentDir) letters() (*card.Library, *letter.Composer, error) {
	library, err := d.library()
	if err != nil {
		return nil, nil, err
	}
	files, _ := d.source()
	composer, err := letter.New(files, exampleConfig)
	return library, composer, err
}

type contentLint struct {
	contentDir
	JSON bool `name:"json" help:"Print the findings as a JSON array of file, line, column and message."`
}

// Run fails where there are findings, so that a build stops.
func (c *contentLint) Run() error { return c.print(os.Stdout) }

func (c *contentLint) print(out io.Writer) error {
	files, dir := c.source()
	findings := card.Lint(files)
	if _, err := fs.Stat(files, "letters"); err == nil { // a folder of cards alone can be checked too
		findings = append(findings, letter.LintCatalogue(files)...)
	}
	for i, f := range findings {
		if f.File != "" {
			findings[i].File = filepath.ToSlash(filepath.Join(dir, f.File))
		}
	}
	if c.JSON {
		if err := printJSON(out, slices.Concat([]card.Finding{}, findings)); err != nil {
			return err
		}
	}
	broken := map[string]bool{}
	for i, f := range findings {
		broken[f.File] = true
		if !c.JSON {
			if i > 0 && f.File != findings[i-1].File {
				fmt.Fprintln(out)
			}
			fmt.Fprintln(out, f.Error())
		}
	}
	if len(findings) > 0 {
		delete(broken, "") // the library as a whole
		return fmt.Errorf("findings: %d, files: %d; each line says what to write instead", len(findings), len(broken))
	}
	if !c.JSON {
		fmt.Fprintln(out, "The cards and the letters are in order.")
	}
	return nil
}

type contentList struct {
	contentDir
	Path    string `help:"Only the cards of this folder: amends, together, betrayal, foundations, apart or keep." enum:",amends,together,betrayal,foundations,apart,keep" default:""`
	Stage   string `help:"Only the cards of this stage: look, repair, rebuild or keep." enum:",look,repair,rebuild,keep" default:""`
	Role    string `help:"Only the cards for this role: broke-trust, was-hurt or both." enum:",broke-trust,was-hurt,both" default:""`
	Contact string `help:"Only the cards with this contact: none, one-word or mutual." enum:",none,one-word,mutual" default:""`
	Advice  string `help:"Only the cards that draw on this advice." placeholder:"ID"`
	JSON    bool   `name:"json" help:"Print a JSON array."`
}

// cardRow is a card as it is listed.
type cardRow struct {
	Number  int          `json:"number"`
	ID      string       `json:"id"`
	Path    string       `json:"path"`
	Order   int          `json:"order"`
	Title   string       `json:"title"`
	Stage   card.Stage   `json:"stage"`
	Role    card.Role    `json:"role"`
	Contact card.Contact `json:"contact"`
	Minutes int          `json:"minutes"`
	Advice  []string     `json:"advice"`
	Related []string     `json:"related"`
}

// Run lists the cards by path, stage and reading order.
func (c *contentList) Run() error { return c.print(os.Stdout) }

func (c *contentList) print(out io.Writer) error {
	files, _ := c.source()
	if c.Advice != "" {
		if err := knownAdvice(files, c.Advice); err != nil {
			return err
		}
	}
	lib, err := c.library()
	if err != nil {
		return err
	}
	rows := []cardRow{}
	for _, k := range lib.All() {
		if c.matches(k) {
			rows = append(rows, cardRow{k.Number, k.ID, k.Path, k.Order, k.Title, k.Stage, k.Role, k.Contact, k.Minutes, k.Advice, slices.Concat([]string{}, k.Related)})
		}
	}
	slices.SortFunc(rows, func(a, b cardRow) int {
		return cmp.Or(
			slices.Index(card.Folders(), a.Path)-slices.Index(card.Folders(), b.Path),
			slices.Index(card.Stages(), a.Stage)-slices.Index(card.Stages(), b.Stage),
			a.Order-b.Order,
		)
	})
	if c.JSON {
		return printJSON(out, rows)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PATH\tSTAGE\tROLE\tCONTACT\tMINUTES\tNUMBER\tCARD\tADVICE")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%d\t%02d-%s\t%s\n", r.Path, r.Stage, r.Role, r.Contact, r.Minutes, r.Number,
			r.Order, strings.TrimPrefix(r.ID, r.Path+"."), strings.Join(r.Advice, ", "))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d of %d cards\n", len(rows), len(lib.All()))
	return err
}

func (c *contentList) matches(k *card.Card) bool {
	return (c.Path == "" || c.Path == k.Path) &&
		(c.Stage == "" || c.Stage == string(k.Stage)) &&
		(c.Role == "" || c.Role == string(k.Role)) &&
		(c.Contact == "" || c.Contact == string(k.Contact)) &&
		(c.Advice == "" || slices.Contains(k.Advice, c.Advice))
}

func knownAdvice(files fs.FS, id string) error {
	advice, _ := card.ReadAdvice(files)
	if slices.ContainsFunc(advice, func(a card.Advice) bool { return a.ID == id }) {
		return nil
	}
	return fmt.Errorf("%s has no %q: \"mend content coverage\" lists what there is", card.AdviceFile, id)
}

type contentCoverage struct {
	contentDir
	JSON bool `name:"json" help:"Print a JSON object: the id of each advice, and the ids of the cards that draw on it."`
}

// Run lists every advice, those without a card included.
func (c *contentCoverage) Run() error { return c.print(os.Stdout) }

func (c *contentCoverage) print(out io.Writer) error {
	files, dir := c.source()
	advice, findings := card.ReadAdvice(files)
	if len(findings) > 0 {
		return fmt.Errorf("reading the advice in %s: %w", dir, findings[0])
	}
	lib, err := c.library()
	if err != nil {
		return err
	}
	cards := map[string][]string{}
	for _, a := range advice {
		cards[a.ID] = []string{}
	}
	for _, k := range lib.All() {
		for _, id := range k.Advice {
			cards[id] = append(cards[id], k.ID)
		}
	}
	if c.JSON {
		return printJSON(out, cards)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, a := range advice {
		fmt.Fprintf(table, "%s\t%d\t%s\n", a.ID, len(cards[a.ID]), strings.Join(cards[a.ID], ", "))
	}
	return table.Flush()
}

type contentNew struct {
	Dir  string `help:"Folder of the content." default:"content" placeholder:"DIR"`
	Path string `arg:"" help:"Its folder: amends, together, betrayal, foundations, apart, or keep for a card that all paths share."`
	Slug string `arg:"" help:"Its short name, such as name-the-harm."`
}

// Run writes the file; one that exists is never touched.
func (c *contentNew) Run() error { return c.write(os.Stdout) }

func (c *contentNew) write(out io.Writer) (err error) {
	if _, err := os.Stat(filepath.Join(c.Dir, card.AdviceFile)); err != nil {
		return fmt.Errorf("%s holds no cards (%w): run this in the project's own folder, or say with --dir where they are", c.Dir, err)
	}
	name, text, err := card.Scaffold(os.DirFS(c.Dir), c.Path, c.Slug)
	if err != nil {
		return err
	}
	name = filepath.Join(c.Dir, filepath.FromSlash(name))
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("making the card's file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.WriteString(text); err != nil {
		return fmt.Errorf("writing the card's file: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s\nFill it in, and run \"mend content lint\" until it is silent about it.\n", name)
	return err
}

func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
