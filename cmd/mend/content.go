package main

import (
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
	"example.org/mend/content/gen"
	"example.org/mend/content/lint"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/letter/lettersample"
)

// contentCmd is `mend content`: what editors of the cards need.
type contentCmd struct {
	Lint     contentLint     `cmd:"" help:"Say what is wrong with the content, and what to write instead."`
	List     contentList     `cmd:"" help:"List the cards."`
	Arc      contentArc      `cmd:"" help:"Print the twelve steps of a path for a role."`
	Coverage contentCoverage `cmd:"" help:"Print at which step each advice is met."`
	New      contentNew      `cmd:"" help:"Begin a new card."`
	Build    contentBuild    `cmd:"" help:"Make the Go values that Mend is built with."`
}

// contentDir is the folder that the commands read.
type contentDir struct {
	Dir string `help:"Folder of the content." placeholder:"DIR" default:"content"`
}

// source is the folder's files. Errors: there are no cards.
func (d contentDir) source() (fs.FS, error) {
	if _, err := os.Stat(filepath.Join(d.Dir, lint.AdviceFile)); err != nil {
		return nil, fmt.Errorf("%s holds no cards (%w): run this in the project's own folder, or say with --dir where they are",
			d.Dir, err)
	}
	return os.DirFS(d.Dir), nil
}

func (d contentDir) library() (*lint.Library, error) {
	files, err := d.source()
	if err != nil {
		return nil, err
	}
	lib, err := lint.Load(files)
	if err != nil {
		return nil, fmt.Errorf("%w\n(the files are in %s; \"mend content lint\" says all that is wrong)", err, d.Dir)
	}
	return lib, nil
}

// letters is the cards, and what composes examples of letters of them: those of the folder, so that an editor sees what
// was just written, or without one those that this program was built with.
func (d contentDir) letters() (*content.Library, *letter.Composer, error) {
	library, languages := content.Built(), content.Languages()
	if files, err := d.source(); err == nil {
		read, err := d.library()
		if err != nil {
			return nil, nil, err
		}
		if languages, err = lint.Languages(files); err != nil {
			return nil, nil, err
		}
		library = read.Library
	}
	composer, err := letter.New(languages, lettersample.Config)
	return library, composer, err
}

type contentLint struct {
	contentDir
	Against []string `help:"Find eight words in a row that a card shares with this text." placeholder:"FILE"`
	JSON    bool     `name:"json" help:"Print the findings as a JSON array of file, line, column and message."`
}

// Help is shown by --help.
func (contentLint) Help() string {
	return `Reads the cards, the paths, the lists and the words of letters. Each line names a file, a line and a
column, and says what to write instead. The figures of the whole library follow.

  mend content lint
  mend content lint --against ~/an-article.txt`
}

// Run fails where there are findings, so that a build stops.
func (c *contentLint) Run() error { return c.print(os.Stdout) }

func (c *contentLint) print(out io.Writer) error {
	files, err := c.source()
	if err != nil {
		return err
	}
	findings, figures := lint.Lint(files)
	for _, name := range c.Against {
		text, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("reading a text to compare with: %w", err)
		}
		shared, err := lint.SharedRuns(files, filepath.Base(name), string(text))
		if err != nil {
			return err
		}
		findings = append(findings, shared...)
	}
	broken := map[string]bool{}
	for i, f := range findings {
		if f.File != "" {
			broken[f.File] = true
			findings[i].File = filepath.ToSlash(filepath.Join(c.Dir, f.File))
		}
	}
	if c.JSON {
		if err := printJSON(out, slices.Concat([]lint.Finding{}, findings)); err != nil {
			return err
		}
	} else {
		printLint(out, findings, figures)
	}
	if len(findings) > 0 {
		return fmt.Errorf("findings: %d, files: %d; each line says what to write instead", len(findings), len(broken))
	}
	return nil
}

func printLint(out io.Writer, findings []lint.Finding, figures []lint.Figure) {
	for i, f := range findings {
		if i > 0 && f.File != findings[i-1].File {
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out, f.Error())
	}
	if len(findings) > 0 {
		fmt.Fprintln(out)
	}
	for _, f := range figures {
		fmt.Fprintln(out, f)
	}
	if len(findings) == 0 {
		fmt.Fprintln(out, "The cards, the paths and the letters are in order.")
	}
}

type contentList struct {
	contentDir
	Path    string `help:"Only this folder: a path, or keep." enum:",amends,together,betrayal,foundations,apart,keep" default:""`
	Role    string `help:"Only for broke-trust, was-hurt or both." enum:",broke-trust,was-hurt,both" default:""`
	Contact string `help:"Only with none, one-word or mutual." enum:",none,one-word,mutual" default:""`
	Advice  string `help:"Only the cards that draw on this advice." placeholder:"ID"`
	JSON    bool   `name:"json" help:"Print a JSON array."`
}

// Help is shown by --help.
func (contentList) Help() string {
	return `Lists the cards in the order of their files. "mend preview" takes the id in the first column.

  mend content list --path betrayal --role was-hurt
  mend content list --advice amends.reflect`
}

// cardRow is a card as it is listed.
type cardRow struct {
	Number  int             `json:"number"`
	ID      string          `json:"id"`
	File    string          `json:"file"`
	Title   string          `json:"title"`
	Point   string          `json:"point"`
	Role    content.Role    `json:"role"`
	Contact content.Contact `json:"contact"`
	Minutes int             `json:"minutes"`
	Advice  []string        `json:"advice"`
	Related []string        `json:"related"`
	After   []string        `json:"after"`
}

// Run lists the cards in the order of their files.
func (c *contentList) Run() error { return c.print(os.Stdout) }

func (c *contentList) print(out io.Writer) error {
	lib, err := c.library()
	if err != nil {
		return err
	}
	if c.Advice != "" && !slices.ContainsFunc(c.advice(), func(a lint.Advice) bool { return a.ID == c.Advice }) {
		return fmt.Errorf("%s has no %q: \"mend content coverage\" lists what there is", lint.AdviceFile, c.Advice)
	}
	list := func(ids []string) []string { return slices.Concat([]string{}, ids) }
	rows := []cardRow{}
	for _, d := range lib.Drafts {
		if c.matches(d) {
			rows = append(rows, cardRow{d.Number, d.ID, d.File, d.Title, d.Point, d.Role, d.Contact, d.Minutes,
				list(d.Advice), list(d.Related), list(d.After)})
		}
	}
	if c.JSON {
		return printJSON(out, rows)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CARD\tNUMBER\tROLE\tCONTACT\tMINUTES\tTITLE\tADVICE")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%d\t%s\t%s\n", r.ID, r.Number, r.Role, r.Contact, r.Minutes, r.Title,
			strings.Join(r.Advice, ", "))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d of %d cards\n", len(rows), len(lib.Drafts))
	return err
}

func (c *contentList) matches(d *lint.Draft) bool {
	return (c.Path == "" || c.Path == d.Path) &&
		(c.Role == "" || c.Role == string(d.Role)) &&
		(c.Contact == "" || c.Contact == string(d.Contact)) &&
		(c.Advice == "" || slices.Contains(d.Advice, c.Advice))
}

// advice is the folder's list of advice, as far as it can be read.
func (d contentDir) advice() []lint.Advice {
	advice, _ := lint.ReadAdvice(os.DirFS(d.Dir))
	return advice
}

type contentArc struct {
	contentDir
	Path string `arg:"" help:"One of ${enum}." enum:"amends,together,betrayal,foundations,apart"`
	Role string `arg:"" help:"One of ${enum}." enum:"broke-trust,was-hurt,both"`
}

// Help is shown by --help.
func (contentArc) Help() string {
	return `Prints the twelve steps in their three parts, each with its point. A line with ~ is the light card,
which comes in place of a step after two low moods in a row.

  mend content arc betrayal was-hurt`
}

// Run prints the arc as people walk it.
func (c *contentArc) Run() error { return c.print(os.Stdout) }

func (c *contentArc) print(out io.Writer) error {
	lib, err := c.library()
	if err != nil {
		return err
	}
	role := content.Role(c.Role)
	if !slices.Contains(content.RolesOf(c.Path), role) {
		return fmt.Errorf("%s is not offered to %s: it has arcs for %q", c.Path, role, content.RolesOf(c.Path))
	}
	arc := lib.Arc(c.Path, role)
	if len(arc.Parts) == 0 {
		return fmt.Errorf("%s has no arc for %s: write content/%s/%s.yaml", c.Path, role, lint.PathsFolder, c.Path)
	}
	step := 0
	for _, part := range arc.Parts {
		fmt.Fprintf(out, "%s\n", part.Name)
		for _, n := range part.Steps {
			step++
			card, ok := lib.ByNumber(n)
			if !ok {
				continue
			}
			fmt.Fprintf(out, "  %2d  %s\n      %s\n", step, card.ID, card.Point)
		}
		if light, ok := lib.ByNumber(part.Light); ok {
			fmt.Fprintf(out, "   ~  %s\n      %s\n", light.ID, light.Point)
		}
	}
	return nil
}

type contentCoverage struct {
	contentDir
	JSON bool `name:"json" help:"Print a JSON object: the cards and steps of each advice."`
}

// Help is shown by --help.
func (contentCoverage) Help() string {
	return `Lists every advice: how many cards draw on it, at which step of its path each role meets it, and the
cards. A dash is a step that is missing.

  mend content coverage`
}

// coverage is where an advice is met.
type coverage struct {
	Cards []string             `json:"cards"`
	Steps map[content.Role]int `json:"steps"` // of the arc of its path; a role that does not meet it there is not in it
}

// Run lists every advice, those without a card included.
func (c *contentCoverage) Run() error { return c.print(os.Stdout) }

func (c *contentCoverage) print(out io.Writer) error {
	lib, err := c.library()
	if err != nil {
		return err
	}
	all := map[string]*coverage{}
	for _, a := range c.advice() {
		all[a.ID] = &coverage{[]string{}, map[content.Role]int{}}
	}
	draws := map[int][]string{}
	for _, d := range lib.Drafts {
		draws[d.Number] = d.Advice
		for _, id := range d.Advice {
			if all[id] != nil {
				all[id].Cards = append(all[id].Cards, d.ID)
			}
		}
	}
	for id, coverage := range all {
		path, _, _ := strings.Cut(id, ".")
		for _, role := range content.RolesOf(path) {
			steps := lib.Arc(path, role).Steps()
			step := slices.IndexFunc(steps, func(n int) bool { return slices.Contains(draws[n], id) })
			if step >= 0 {
				coverage.Steps[role] = step + 1
			}
		}
	}
	if c.JSON {
		return printJSON(out, all)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ADVICE\tCARDS\tMET AT STEP\t")
	for _, a := range c.advice() {
		path, _, _ := strings.Cut(a.ID, ".")
		var steps []string
		for _, role := range content.RolesOf(path) {
			met := "–"
			if n := all[a.ID].Steps[role]; n > 0 {
				met = fmt.Sprint(n)
			}
			steps = append(steps, string(role)+" "+met)
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", a.ID, len(all[a.ID].Cards), strings.Join(steps, ", "),
			strings.Join(all[a.ID].Cards, ", "))
	}
	return table.Flush()
}

type contentNew struct {
	contentDir
	Path string `arg:"" help:"Its folder: a path, or keep for a card that all paths share."`
	Slug string `arg:"" help:"Its short name, such as name-the-harm."`
}

// Help is shown by --help.
func (contentNew) Help() string {
	return `Makes a file with everything that can be known: the next free number, the id, and what each line is for.

  mend content new amends the-second-cup`
}

// Run writes the file; one that exists is never touched.
func (c *contentNew) Run() error { return c.write(os.Stdout) }

func (c *contentNew) write(out io.Writer) (err error) {
	files, err := c.source()
	if err != nil {
		return err
	}
	name, text, err := lint.Scaffold(files, c.Path, c.Slug)
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
	_, err = fmt.Fprintf(out, "%s\nFill it in. Then run \"mend content lint\" until everything is in order.\n", name)
	return err
}

type contentBuild struct{ contentDir }

// Help is shown by --help.
func (contentBuild) Help() string {
	return `Writes content/generated_*.go, and prints those that changed. "make run" does this by itself.

  mend content build`
}

// Run makes the Go values of the content.
func (c *contentBuild) Run() error {
	if _, err := c.source(); err != nil {
		return err
	}
	written, err := gen.Write(c.Dir)
	for _, name := range written {
		fmt.Println(name)
	}
	return err
}

func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
