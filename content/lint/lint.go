// Package lint reads the files of content as editors write them, and says what is wrong with
// them: with file, line and column, and what to write instead. content/README.md describes
// the files. content/gen makes the Go values of package content from what this package reads.
// No function imports it.
package lint

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

// The sizes of a card and of the library. The lengths of a card's parts are in rules.yaml.
const (
	maxTitle       = 40 // characters
	mostParagraphs = 3  // of an idea, and of a practice
	leastCards     = 180
	leastEligible  = 52 // a weekly letter for a year
	leastPerAdvice = 2
	openingWords   = 4
	maxGrade       = 9.0 // school years
)

// Lint finds all that is wrong with the files of content: what keeps a file from being a card, how
// it is written, what it shares with texts from outside, the order of the steps, what is counted
// over all cards, the words of letters, and the help. Findings are sorted by file and place, those
// of the library as a whole first. The figures are what it counted, in order or not.
func Lint(fsys fs.FS, outside ...Text) ([]Finding, []string) {
	l := readContent(fsys)
	l.readAdvice(fsys)
	l.readBanned(fsys)
	l.readRetired(fsys)
	for _, d := range l.files {
		if len(d.faults) == 0 {
			l.front(d)
		}
		// a card whose front matter is wrong hears about its words too
		if len(d.idea) > 0 && len(d.practice) > 0 && len(d.questions) == len(d.Questions) {
			d.checkPoint()
			d.checkLengths()
			d.checkWording(l.bans)
			d.checkReading()
			d.checkFirstQuestion()
		}
	}
	l.alike()
	for _, text := range outside {
		l.copied(text)
	}
	l.prerequisites()
	l.paths()
	l.counts()
	figures := l.measures()
	// A folder of cards alone can be checked too.
	if _, err := fs.Stat(fsys, wordsFolder); err == nil {
		l.words(fsys)
	}
	if _, err := fs.Stat(fsys, helpFolder); err == nil {
		l.readHelp(fsys)
	}
	found := l.all()
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column, cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(found), figures
}

// Finding is one thing that is wrong with the content, and what to write instead.
type Finding struct {
	File    string `json:"file,omitempty"`   // below content/, such as amends/07-name-the-harm.md; "" for the library
	Line    int    `json:"line,omitempty"`   // from 1; 0 for the file as a whole
	Column  int    `json:"column,omitempty"` // in characters, from 1
	Message string `json:"message"`
}

// Error is file:line:column: message, as compilers write it.
func (f Finding) Error() string {
	switch {
	case f.File == "":
		return "library: " + f.Message
	case f.Line == 0:
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
}

// place is a line and a column, both from 1, the column in characters. The zero place
// is a file as a whole.
type place struct{ line, column int }

// source is a file of content, and what is wrong with it.
type source struct {
	File   string           // below content/; "" for the library as a whole
	at     map[string]place // what findings point at, by key; what isn't here is the file as a whole
	faults []Finding
}

func (s *source) fault(at place, format string, args ...any) {
	s.faults = append(s.faults, Finding{s.File, at.line, at.column, fmt.Sprintf(format, args...)})
}

// need reports a fault, unless all is well.
func (s *source) need(well bool, at place, format string, args ...any) {
	if !well {
		s.fault(at, format, args...)
	}
}

// read reads the file. If it can't be read as text, that is a fault.
func (s *source) read(fsys fs.FS) string {
	text, err := fs.ReadFile(fsys, s.File)
	s.need(err == nil, place{}, "%v", err)
	s.need(utf8.Valid(text), place{}, "the file is not UTF-8: save it as UTF-8 in your editor")
	return string(text)
}

type linter struct {
	source              // the library as a whole
	sources   []*source // its files, as far as they are read
	advice    []Advice
	bans      []banned
	retired   map[int]string
	pathFiles []pathFile
	missing   []string // paths without a file
	files     []*Draft // all
	drafts    []*Draft // those that are cards
	byID      map[string]*Draft
	named     map[string]bool // ids that a file is named for, whether it can be read or not
}

// file begins a file whose faults are to be found.
func (l *linter) file(name string) *source {
	s := &source{File: name, at: map[string]place{}}
	l.sources = append(l.sources, s)
	return s
}

// readContent reads the cards and the paths.
func readContent(fsys fs.FS) *linter {
	l := &linter{retired: map[int]string{}, byID: map[string]*Draft{}, named: map[string]bool{}}
	numbers := map[int]*Draft{}
	for _, folder := range content.Folders() {
		// File managers leave behind names that begin with a dot. An error would be the pattern's.
		files, _ := fs.Glob(fsys, folder+"/[^.]*")
		for _, file := range files {
			s := l.file(file)
			d := parse(s, s.read(fsys))
			if len(d.faults) == 0 {
				if first := numbers[d.Number]; first != nil {
					d.fault(d.at["number"], "number %d is that of %s: take the next free one, and never one that "+
						"another card had", d.Number, first.File)
				}
				if first := l.byID[d.ID]; first != nil {
					d.fault(d.at["id"], "id %s is that of %s: rename one of the files, and its id with it", d.ID,
						first.File)
				}
			}
			l.files = append(l.files, d)
			l.named[d.Path+"."+d.slug] = true
			if len(d.faults) == 0 {
				numbers[d.Number], l.byID[d.ID] = d, d
				l.drafts = append(l.drafts, d)
			}
		}
	}
	l.readPaths(fsys)
	return l
}

func (l *linter) ids() []string { return slices.Sorted(maps.Keys(l.byID)) }

// all lists what is wrong with the files, and with the library as a whole.
func (l *linter) all() (all []Finding) {
	for _, s := range l.sources {
		all = append(all, s.faults...)
	}
	return append(all, l.faults...)
}

// err joins what is wrong. It is nil where nothing is.
func (l *linter) err() error {
	var faults []error
	for _, f := range l.all() {
		faults = append(faults, f)
	}
	return errors.Join(faults...)
}

// front checks the front matter against the rest of the library.
func (l *linter) front(d *Draft) {
	n := utf8.RuneCountInString(d.Title)
	d.need(n <= maxTitle, d.at["title"], "the title has %d characters, at most %d: shorten it", n, maxTitle)
	var known []string
	for _, a := range l.advice {
		known = append(known, a.ID)
	}
	d.need(len(d.Advice) > 0, d.at["advice"], "name at least one id of %s that the card draws on, such as %q",
		AdviceFile, "advice: [amends.reflect]")
	for _, id := range d.Advice {
		if !slices.Contains(known, id) {
			d.fault(d.at["advice"], "%s is not in %s%s", id, AdviceFile, DidYouMean(id, known))
		}
	}
	for _, id := range d.Related {
		switch {
		case id == d.ID:
			d.fault(d.at["related"], "a card is not related to itself: take %s out", id)
		case !l.named[id]:
			d.fault(d.at["related"], "there is no card %s%s", id, DidYouMean(id, l.ids()))
		}
	}
	d.need(d.Path != mend.Apart || d.Contact == content.None, d.at["contact"], "a card of %s reaches no one: write "+
		"\"contact: none\", and a practice that you can do alone", mend.Apart)
	d.need(d.Path != mend.Amends || d.Role != mend.WasHurt, d.at["role"], "%s is not offered to people who were "+
		"hurt: write broke-trust or both", mend.Amends)
	gone, retired := l.retired[d.Number]
	d.need(!retired, d.at["number"], "number %d was that of %s, which is retired: take the next free one", d.Number,
		gone)
	safe := d.Contact == content.None || d.NotFor != "" || rules().Safety.in(slices.Concat(d.idea, d.practice))
	d.need(safe, d.at["contact"], "the practice reaches another person: say for whom it is not, such as %q",
		"If either of you is afraid of the other, leave this one out.")
}

// checkPoint wants the advice of a card in one plain sentence.
func (d *Draft) checkPoint() {
	at := d.at["point"]
	switch n := len(wordsOf(d.Point)); {
	case slices.ContainsFunc(d.faults, func(f Finding) bool { return f.Line == at.line }): // it says so already
	case n == 0:
		at.line, at.column = max(at.line, 1), max(at.column, 1)
		d.fault(at, "the card has no point: add a line with the advice in one plain sentence, such as %q",
			"point: Keep your reasons out of your apology.")
	case !d.checkLength(at, "point", "the point", d.Point):
	case strings.ContainsAny(d.Point, "\n*") || !strings.HasSuffix(d.Point, ".") && !strings.HasSuffix(d.Point, "?"):
		d.fault(at, "the point is one plain sentence on one line that ends with a full stop")
	}
	if d.checkLength(d.at["not_for"], "not_for", "not_for", d.NotFor) {
		d.need(!strings.Contains(d.NotFor, "\n"), d.at["not_for"], "not_for is one line, such as %q",
			"Skip this one if you're afraid of them. *More help* below is for you.")
	}
}

// checkLength reports whether a part of a card has as many words as it may.
func (d *Draft) checkLength(at place, part, name, text string) bool {
	n, size := len(wordsOf(text)), rules().Lengths[part]
	switch {
	case n < size[0]:
		d.fault(at, "%s has %d words, at least %d: add %d", name, n, size[0], size[0]-n)
	case n > size[1]:
		d.fault(at, "%s has %d words, at most %d: cut %d", name, n, size[1], n-size[1])
	default:
		return true
	}
	return false
}

func (d *Draft) checkLengths() {
	for part, ps := range map[string][]paragraph{"idea": d.idea, "practice": d.practice} {
		d.checkLength(ps[0].at(0), part, "the "+part, strings.Join(texts(ps), " "))
		if len(ps) > mostParagraphs {
			d.fault(ps[mostParagraphs].at(0), "the %s has %d paragraphs, at most %d: join some", part, len(ps),
				mostParagraphs)
		}
	}
	for i, q := range d.questions {
		d.checkLength(q.at(0), "question", fmt.Sprint("question ", i+1), q.text)
		if !strings.Contains(q.text, "?") {
			d.fault(q.at(0), "question %d asks nothing: end it with a question mark", i+1)
		}
		if star := strings.Index(q.text, "*"); star >= 0 {
			d.fault(q.at(star), "a question has no *emphasis*: put quotation marks around what someone says")
		}
	}
}

var emphasis = regexp.MustCompile(`\*[^\s*](?:[^*\n]*[^\s*])?\*`)

// checkWording finds markup that letters do not render, banned words, and "it is not this. It is
// that."
func (d *Draft) checkWording(bans []banned) {
	for _, p := range d.prose() {
		for _, r := range rules().Markup {
			if at := r.Pattern.FindStringIndex(p.text); at != nil {
				d.fault(p.at(at[0]), "%s", r.Say)
			}
		}
		rest := emphasis.ReplaceAllStringFunc(p.text, func(e string) string { return strings.Repeat("_", len(e)) })
		if star := strings.Index(rest, "*"); star >= 0 && !strings.Contains(p.text, "**") {
			d.fault(p.at(star), "this asterisk has no partner: *emphasis* begins and ends at a word, within one "+
				"line of thought")
		}
		if i := strings.Index(p.text, "\n- "); i >= 0 && !strings.HasPrefix(p.text, "- ") {
			d.fault(p.at(i+1), "put an empty line before the list")
		}
	}
	for _, p := range append(d.prose(), d.inFront()...) {
		plainText := plain(p.text)
		for _, b := range bans {
			if !strings.Contains(plainText, b.stem) {
				continue
			}
			if at := b.pattern.FindStringIndex(p.text); at != nil {
				d.fault(p.at(at[0]), "%q: %s", p.text[at[0]:at[1]], b.message)
			}
		}
		if !strings.Contains(plainText, " not ") {
			continue
		}
		if at := rules().NotButIs.FindStringIndex(p.text); at != nil {
			d.fault(p.at(at[0]), "%q: say what it is, without first saying what it is not", p.text[at[0]:at[1]]+"…")
		}
	}
}

// inFront is the front matter's words for people.
func (d *Draft) inFront() []paragraph {
	var all []paragraph
	for key, words := range map[string]string{"title": d.Title, "point": d.Point, "not_for": d.NotFor} {
		all = append(all, paragraph{words, []int{0}, d.at[key]})
	}
	return all
}

// checkReading grades the card, and points at the longest sentence of one that is hard to read.
func (d *Draft) checkReading() {
	var sentences []string
	longest, at := 0, place{}
	for _, p := range d.prose() {
		for _, s := range sentencesOf(p.text) {
			if n := len(wordsOf(s)); n > longest {
				longest, at = n, p.at(strings.Index(p.text, s))
			}
			sentences = append(sentences, s)
		}
	}
	if d.grade = grade(sentences); d.grade > maxGrade {
		d.fault(at, "reading grade %.1f, at most %.0f (Flesch–Kincaid): use shorter words, and split sentences "+
			"such as this one of %d words", d.grade, maxGrade, longest)
	}
}

// checkFirstQuestion wants a first question that needs no practice: the page that asks it has only
// just set the practice.
func (d *Draft) checkFirstQuestion() {
	q, rule := d.questions[0], rules().FirstQuestion
	if rule.General.MatchString(q.text) {
		return
	}
	at := rule.Doing.FindStringIndex(q.text)
	practice := plain(strings.Join(d.Practice, " "))
	for _, pattern := range rule.OfPractice {
		known := pattern.FindStringSubmatchIndex(q.text)
		if at == nil && known != nil && rule.Past.MatchString(q.text) &&
			strings.Contains(practice, strings.ToLower(q.text[known[2]:known[3]])) {
			at = known[:2]
		}
	}
	if at == nil {
		return
	}
	words := strings.Fields(q.text[at[0]:])
	d.fault(q.at(at[0]), "question 1 needs the practice first (%q): ask something that can be answered at once, "+
		"such as %q", strings.Join(words[:min(6, len(words))], " "),
		"When did you last say \"it's fine\" when it wasn't?")
}

// alike finds titles, openings and sentences that two cards share.
func (l *linter) alike() {
	type where struct {
		d    *Draft
		line int
	}
	seen := map[string]where{}
	first := func(d *Draft, at place, what string) *where { // the first card that has it, if it is another
		known, ok := seen[what]
		if !ok {
			seen[what] = where{d, at.line}
		}
		if !ok || known.d == d {
			return nil
		}
		return &known
	}
	for _, d := range l.drafts {
		if other := first(d, d.at["title"], "title: "+plain(d.Title)); other != nil {
			d.fault(d.at["title"], "%s has this title already: find another", other.d.File)
		}
		words := wordsOf(plain(d.idea[0].text))
		opening := d.Path + ": " + strings.Join(words[:min(openingWords, len(words))], " ")
		if other := first(d, d.idea[0].at(0), opening); other != nil {
			d.fault(d.idea[0].at(0), "%s begins with the same %d words: begin another way", other.d.File, openingWords)
		}
		for _, p := range d.prose() {
			said := false // once for each paragraph
			for run, offset := range runsOf(p.text) {
				if other := first(d, p.at(offset), run); other != nil && !said {
					d.fault(p.at(offset), "%q stands in %s:%d too: say it another way", run, other.d.File, other.line)
					said = true
				}
			}
		}
	}
}

// Text is a text from outside, by the name that a finding calls it.
type Text struct{ Name, Words string }

// copied finds eight words in a row that a card has in common with a text: a sentence that someone
// else wrote.
func (l *linter) copied(text Text) {
	outside := map[string]bool{}
	for run := range runsOf(text.Words) {
		outside[run] = true
	}
	for _, d := range l.drafts {
		for _, p := range append(d.prose(), d.inFront()...) {
			for run, offset := range runsOf(p.text) {
				if outside[run] {
					d.fault(p.at(offset), "%q stands in %s too: say it in words of our own", run, text.Name)
					break
				}
			}
		}
	}
}

// orList suggests the nearest of the known words. If none is near, it lists them all.
func orList[T ~string](got T, known []T) string {
	var all []string
	for _, k := range known {
		all = append(all, string(k))
	}
	return cmp.Or(DidYouMean(string(got), all), ": write one of "+strings.Join(all, ", "))
}

// DidYouMean is a suggestion to append to a message, or "" if no known word is near enough.
func DidYouMean(got string, known []string) string {
	best, least := "", len(got)/3+2
	for _, k := range known {
		if d := editDistance(strings.ToLower(got), k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance is Levenshtein's, in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
