package main

import (
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
	"example.org/mend/shared/mend"
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

type contentDir struct {
	Dir string `help:"Folder of the content." placeholder:"DIR" default:"content"`
}

const contentFolder = "content" // the default

// source is the folder's files. Errors: there are no cards.
func (d contentDir) source() (fs.FS, error) {
	if _, err := os.Stat(filepath.Join(d.Dir, lint.AdviceFile)); err != nil {
		return nil, fmt.Errorf("%s holds no cards (%w): run this in the project's own folder, or say with --dir where "+
			"they are", d.Dir, err)
	}
	return os.DirFS(d.Dir), nil
}

// library is the folder's cards, paths and advice.
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

type contentLint struct {
	contentDir
	Against []string `help:"Find eight words in a row that a card shares with this text." placeholder:"FILE"`
	JSON    bool     `help:"Print the findings as a JSON array of file, line, column and message."`
}

// Run fails where there are findings, so that a build stops.
func (c *contentLint) Run(out io.Writer) error {
	files, err := c.source()
	if err != nil {
		return err
	}
	var outside []lint.Text
	for _, name := range c.Against {
		text, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("reading a text to compare with: %w", err)
		}
		outside = append(outside, lint.Text{Name: filepath.Base(name), Words: string(text)})
	}
	findings, figures := lint.Lint(files, outside...)
	broken := map[string]bool{}
	for i, f := range findings {
		if f.File != "" {
			broken[f.File] = true
			findings[i].File = filepath.ToSlash(filepath.Join(c.Dir, f.File))
		}
	}
	if c.JSON {
		if err := printJSON(out, append([]lint.Finding{}, findings...)); err != nil {
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

// printLint prints the findings, with a blank line after each file, and the figures.
func printLint(out io.Writer, findings []lint.Finding, figures []string) {
	for i, f := range findings {
		fmt.Fprintln(out, f.Error())
		if i+1 == len(findings) || f.File != findings[i+1].File {
			fmt.Fprintln(out)
		}
	}
	for _, f := range figures {
		fmt.Fprintln(out, f)
	}
	if len(findings) == 0 {
		fmt.Fprintln(out, "The cards, the paths, the letters and the help are in order.")
	}
}

type contentList struct {
	contentDir
	Path    string `help:"Only this folder: a path, or keep." enum:",amends,together,betrayal,foundations,apart,keep" default:""`
	Role    string `help:"Only for broke-trust, was-hurt or both." enum:",broke-trust,was-hurt,both" default:""`
	Contact string `help:"Only with none, one-word or mutual." enum:",none,one-word,mutual" default:""`
	Advice  string `help:"Only the cards that draw on this advice." placeholder:"ID"`
	JSON    bool   `help:"Print a JSON array."`
}

type cardRow struct {
	Number  int             `json:"number"`
	ID      string          `json:"id"`
	File    string          `json:"file"`
	Title   string          `json:"title"`
	Point   string          `json:"point"`
	Role    mend.Role       `json:"role"`
	Contact content.Contact `json:"contact"`
	Minutes int             `json:"minutes"`
	Advice  []string        `json:"advice"`
	Related []string        `json:"related"`
	After   []string        `json:"after"`
}

func (c *contentList) Run(out io.Writer) error {
	lib, err := c.library()
	if err != nil {
		return err
	}
	if c.Advice != "" && !slices.ContainsFunc(lib.Advice, func(a lint.Advice) bool { return a.ID == c.Advice }) {
		return fmt.Errorf("%s has no %q: \"mend content coverage\" lists what there is", lint.AdviceFile, c.Advice)
	}
	list := func(ids []string) []string { return slices.Concat([]string{}, ids) }
	rows := []cardRow{}
	for _, d := range lib.Drafts {
		if (c.Path == "" || c.Path == d.Path) && (c.Role == "" || c.Role == string(d.Role)) &&
			(c.Contact == "" || c.Contact == string(d.Contact)) &&
			(c.Advice == "" || slices.Contains(d.Advice, c.Advice)) {
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

type contentArc struct {
	contentDir
	Path string `arg:"" help:"One of ${enum}." enum:"amends,together,betrayal,foundations,apart"`
	Role string `arg:"" help:"One of ${enum}." enum:"broke-trust,was-hurt,both"`
}

func (c *contentArc) Run(out io.Writer) error {
	lib, err := c.library()
	if err != nil {
		return err
	}
	role := mend.Role(c.Role)
	if !slices.Contains(content.RolesOf(c.Path), role) {
		return fmt.Errorf("%s is not offered to %s: it has arcs for %q", c.Path, role, content.RolesOf(c.Path))
	}
	arc := lib.Arc(c.Path, role)
	if len(arc.Parts) == 0 {
		return fmt.Errorf("%s has no arc for %s: write content/%s/%s.yaml", c.Path, role, lint.PathsFolder, c.Path)
	}
	line := func(mark string, number int) {
		if card, ok := lib.ByNumber(number); ok {
			fmt.Fprintf(out, "  %2s  %s\n      %s\n", mark, card.ID, card.Point)
		}
	}
	step := 0
	for _, part := range arc.Parts {
		fmt.Fprintln(out, part.Name)
		for _, number := range part.Steps {
			step++
			line(fmt.Sprint(step), number)
		}
		line("~", part.Light)
	}
	return nil
}

type contentCoverage struct {
	contentDir
	JSON bool `help:"Print a JSON object: the cards and steps of each advice."`
}

type coverage struct {
	Cards []string          `json:"cards"`
	Steps map[mend.Role]int `json:"steps"` // of the arc of its path; a role that does not meet it there is not in it
}

func (c *contentCoverage) Run(out io.Writer) error {
	lib, err := c.library()
	if err != nil {
		return err
	}
	all := map[string]coverage{}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ADVICE\tCARDS\tMET AT STEP")
	for _, a := range lib.Advice {
		cards, draws := []string{}, map[int]bool{}
		for _, d := range lib.Drafts {
			if slices.Contains(d.Advice, a.ID) {
				cards, draws[d.Number] = append(cards, d.ID), true
			}
		}
		path, _, _ := strings.Cut(a.ID, ".")
		all[a.ID] = coverage{cards, map[mend.Role]int{}}
		var steps []string
		for _, role := range content.RolesOf(path) {
			met := "–"
			step := slices.IndexFunc(lib.Arc(path, role).Steps(), func(number int) bool { return draws[number] })
			if step >= 0 {
				all[a.ID].Steps[role], met = step+1, fmt.Sprint(step+1)
			}
			steps = append(steps, string(role)+" "+met)
		}
		fmt.Fprintf(table, "%s\t%d\t%s\n", a.ID, len(cards), strings.Join(steps, ", "))
	}
	if c.JSON {
		return printJSON(out, all)
	}
	return table.Flush()
}

type contentNew struct {
	contentDir
	Path string `arg:"" help:"Its folder: a path, or keep for a card that all paths share."`
	Slug string `arg:"" help:"Its short name, such as name-the-harm."`
}

// Run writes the file; one that exists is never touched.
func (c *contentNew) Run(out io.Writer) error {
	files, err := c.source()
	if err != nil {
		return err
	}
	name, text, err := lint.Scaffold(files, c.Path, c.Slug)
	if err != nil {
		return err
	}
	name = filepath.Join(c.Dir, filepath.FromSlash(name))
	if err := createNew(name, 0o644, strings.NewReader(text)); err != nil {
		return fmt.Errorf("making the card's file: %w", err)
	}
	const next = "Fill it in. Then run \"go run ./cmd/mend content lint\" until everything is in order."
	_, err = fmt.Fprintf(out, "%s\n%s\n", name, next)
	return err
}

type contentBuild struct{ contentDir }

func (c *contentBuild) Run(out io.Writer) error {
	if _, err := c.source(); err != nil {
		return err
	}
	written, err := gen.Write(c.Dir)
	for _, name := range written {
		fmt.Fprintln(out, name)
	}
	return err
}
