package lint

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"example.org/mend/content"
)

// The sizes of a card and of the library.
const (
	maxTitle                    = 40 // characters
	leastIdea, mostIdea         = 60, 120
	leastPractice, mostPractice = 25, 70
	mostQuestion                = 40 // words
	mostParagraphs              = 3  // of an idea, and of a practice
	leastCards                  = 180
	leastEligible               = 52 // a weekly letter for a year
	leastPerAdvice              = 2
	leastPoint, mostPoint       = 4, 22 // words
	mostNotFor                  = 30
	openingWords                = 4
)

// Lint finds all that is wrong with the files of content: what keeps a file from being a card, how it is written, the
// order of the steps, what is counted over all cards, and the words of letters. Findings are sorted by file and place,
// those of the library as a whole first.
func Lint(fsys fs.FS) []Finding {
	findings, _ := lint(fsys)
	return findings
}

// Measured is Lint with the figures of what it counts, which it prints whether they are in order or not.
func Measured(fsys fs.FS) ([]Finding, []Figure) { return lint(fsys) }

func lint(fsys fs.FS) ([]Finding, []Figure) {
	drafts, err := readAll(fsys)
	if err != nil {
		return []Finding{{Message: err.Error()}}, nil
	}
	whole, findings := sound(drafts)
	advice, inAdvice := ReadAdvice(fsys)
	bans, inBans := readBanned(fsys)
	retired, inRetired := readRetired(fsys)
	pathFiles, inPaths := readPaths(fsys)

	l := newLinter(whole)
	l.advice, l.bans, l.retired, l.pathFiles = advice, bans, retired, pathFiles
	for _, f := range inPaths {
		l.unreadable = append(l.unreadable, f.File)
	}
	for _, d := range whole {
		l.front(d)
		l.reach(d)
	}
	for _, d := range drafts {
		if d.hasBody() {
			l.lengths(d)
			l.markup(d)
			l.wording(d)
			l.questions(d)
			l.point(d)
		}
	}
	l.alike()
	l.prerequisites()
	l.paths()
	l.counts()
	figures := l.measures()
	findings = slices.Concat(findings, inAdvice, inBans, inRetired, inPaths, l.findings)
	if _, err := fs.Stat(fsys, WordsFolder); err == nil { // a folder of cards alone can be checked too
		findings = append(findings, lintWords(fsys)...)
	}
	slices.SortFunc(findings, byPlace)
	return slices.Compact(findings), figures
}

// lazily compiles a pattern when it is first used: the command links this package for much more than linting.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

type linter struct {
	advice     []Advice
	bans       []banned
	retired    []retired
	pathFiles  []pathFile
	unreadable []string // path files of which a finding says what is wrong
	drafts     []*Draft // the whole ones
	byID       map[string]*Draft
	ids        []string
	findings   []Finding
}

func newLinter(whole []*Draft) *linter {
	l := &linter{drafts: whole, byID: map[string]*Draft{}}
	for _, d := range whole {
		l.ids = append(l.ids, d.ID)
		l.byID[d.ID] = d
	}
	return l
}

func (l *linter) report(d *Draft, at place, format string, args ...any) {
	l.findings = append(l.findings, d.finding(at, format, args...))
}

func (l *linter) at(file string, at place, format string, args ...any) {
	l.findings = append(l.findings, Finding{file, at.line, at.column, fmt.Sprintf(format, args...)})
}

// front checks the front matter against the rest of the library.
func (l *linter) front(d *Draft) {
	if n := utf8.RuneCountInString(d.Title); n > maxTitle {
		l.report(d, d.at["title"], "the title has %d characters, at most %d: shorten it", n, maxTitle)
	}
	known := make([]string, len(l.advice))
	for i, a := range l.advice {
		known[i] = a.ID
	}
	for _, id := range d.Advice {
		if !slices.Contains(known, id) {
			l.report(d, d.at["advice"], "%s is not in %s%s", id, AdviceFile, didYouMean(id, known))
		}
	}
	for _, id := range d.Related {
		switch {
		case id == d.ID:
			l.report(d, d.at["related"], "a card is not related to itself: take %s out", id)
		case l.byID[id] == nil:
			l.report(d, d.at["related"], "there is no card %s%s", id, didYouMean(id, l.ids))
		}
	}
	if d.Path == content.Apart && d.Contact != content.None {
		l.report(d, d.at["contact"], "a card of %s reaches no one: write \"contact: none\", and a practice that you can do alone", content.Apart)
	}
	if d.Path == content.Amends && d.Role == content.WasHurt {
		l.report(d, d.at["role"], "%s is not offered to people who were hurt: write broke-trust or both", content.Amends)
	}
	for _, r := range l.retired {
		if r.number == d.Number {
			l.report(d, d.at["number"], "number %d was that of %s, which is retired: take the next free one", d.Number, r.id)
		}
	}
}

func (l *linter) lengths(d *Draft) {
	l.length(d, "idea", d.idea, leastIdea, mostIdea)
	l.length(d, "practice", d.practice, leastPractice, mostPractice)
	for i, q := range d.questions {
		if n := len(wordsOf(q.text)); n > mostQuestion {
			l.report(d, q.at(0), "question %d has %d words, at most %d: ask one thing", i+1, n, mostQuestion)
		}
		if !strings.Contains(q.text, "?") {
			l.report(d, q.at(0), "question %d asks nothing: end it with a question mark", i+1)
		}
	}
}

func (l *linter) length(d *Draft, part string, ps []paragraph, least, most int) {
	n := 0
	for _, p := range ps {
		n += len(wordsOf(p.text))
	}
	switch {
	case n < least:
		l.report(d, ps[0].at(0), "the %s has %d words, at least %d: add %d", part, n, least, least-n)
	case n > most:
		l.report(d, ps[0].at(0), "the %s has %d words, at most %d: cut %d", part, n, most, n-most)
	}
	if len(ps) > mostParagraphs {
		l.report(d, ps[mostParagraphs].at(0), "the %s has %d paragraphs, at most %d: join some", part, len(ps), mostParagraphs)
	}
}

// prose lists all paragraphs of a card's body.
func (d *Draft) prose() []paragraph { return slices.Concat(d.idea, d.practice, d.questions) }

// sentences lists the sentences of a card's body.
func (d *Draft) sentences() []string {
	var all []string
	for _, p := range d.prose() {
		all = append(all, sentencesOf(p.text)...)
	}
	return all
}

// foreign is markup that letters do not render, and what to do about it.
var foreign = []struct {
	pattern func() *regexp.Regexp
	message string
}{
	{lazily(`(?i)https?:|\bwww\.|\S@\S+\.\S`), "no links and no addresses: the letter's frame has the help link"},
	{lazily(`\]\s*[(\[]|!\[`), "no links and no pictures: the letter's frame has the help link"},
	{lazily(`<[A-Za-z/!]|&#?\w+;`), "no HTML: write plain text"},
	{lazily(`\*\*|__|\b_\w|\w_\b|~~`), "the only emphasis is *one asterisk on each side*"},
	{lazily("`|^\\s*>|\\\\|^\\s*(?:---|===|\\*\\*\\*)|\\n\\s*>|\\|"), "no other Markdown than *emphasis* and lists of \"- \" items"},
	{lazily(`(?:^|\n)(?:[+*•·] |\d+[.)] )`), `a list has items that begin with "- "`},
}

func (l *linter) markup(d *Draft) {
	for _, p := range d.prose() {
		for _, f := range foreign {
			if at := f.pattern().FindStringIndex(p.text); at != nil {
				l.report(d, p.at(at[0]), "%s", f.message)
			}
		}
		if at := strayAsterisk(p.text); at >= 0 && !strings.Contains(p.text, "**") {
			l.report(d, p.at(at), "this asterisk has no partner: *emphasis* begins and ends at a word, within one line of thought")
		}
		if i := strings.Index(p.text, "\n- "); i >= 0 && !strings.HasPrefix(p.text, "- ") {
			l.report(d, p.at(i+1), "put an empty line before the list")
		}
	}
}

// strayAsterisk is the offset of an asterisk that neither opens nor closes emphasis, or -1.
func strayAsterisk(text string) int {
	open := -1
	for i := range len(text) {
		switch {
		case text[i] == '\n' && open >= 0:
			return open
		case text[i] != '*':
		case open < 0:
			if i+1 == len(text) || text[i+1] == ' ' || text[i+1] == '\n' {
				return i
			}
			open = i
		default:
			if text[i-1] == ' ' || i == open+1 {
				return i
			}
			open = -1
		}
	}
	return open
}

// notButIs is the figure of speech that denies one thing to assert another: a mark of prose that nobody wrote to somebody.
var notButIs = lazily(`(?i)\b(?:it|this|that)(?: is|['’]s) not (?:just |only |about |a |the )?[^.!?;]{1,60}[.;] (?:it|this|that)(?: is|['’]s) `)

func (l *linter) wording(d *Draft) {
	front := []paragraph{}
	for key, words := range map[string]string{"title": d.Title, "point": d.Point, "not_for": d.NotFor} {
		front = append(front, paragraph{words, []run{{0, d.at[key]}}})
	}
	for _, p := range append(d.prose(), front...) {
		plainText := plain(p.text)
		for _, b := range l.bans {
			if offset, match, found := b.find(p.text, plainText); found {
				l.report(d, p.at(offset), "%q: %s", match, b.message)
			}
		}
		if !strings.Contains(plainText, " not ") {
			continue
		}
		if at := notButIs().FindStringIndex(p.text); at != nil {
			l.report(d, p.at(at[0]), "%q: say what it is, without first saying what it is not", p.text[at[0]:at[1]]+"…")
		}
	}

	sentences := d.sentences()
	longest, at := "", place{}
	for _, p := range d.prose() {
		for _, s := range sentencesOf(p.text) {
			if len(wordsOf(s)) > len(wordsOf(longest)) {
				longest, at = s, p.at(strings.Index(p.text, s))
			}
		}
	}
	if d.grade = grade(sentences); d.grade > maxGrade {
		l.report(d, at, "reading grade %.1f, at most %.0f (Flesch–Kincaid): use shorter words, and split sentences such as this one of %d words", d.grade, maxGrade, len(wordsOf(longest)))
	}
}

// wayOut are the words of which a card that reaches another person has at least one: they tell
// those who are afraid, or were told no, that it is not for them. That the words
// stand in the right sentence is for people to read.
var wayOut = lazily(`(?i)\b(?:` + strings.Join([]string{
	`afraid`, `fear\w*`, `fright\w*`, `scare\w*`, `safe\w*`, `uneasy`, `unsettl\w*`, `at ease`, `welcome`,
	`both (?:of you )?(?:would |do |really |truly )?(?:want|wish|like|feel|willing|glad|say|choose|agree)\w*`,
	`on edge`, `(?:leave|leaves|skip|pass over) (?:this|it)`,
	`asked for (?:space|quiet|distance|silence)`, `help link`, `more help`,
}, "|") + `)\b`)

func (l *linter) reach(d *Draft) {
	if d.Contact == content.None || d.NotFor != "" {
		return
	}
	for _, p := range slices.Concat(d.idea, d.practice) {
		if wayOut().MatchString(p.text) {
			return
		}
	}
	l.report(d, d.at["contact"], "the practice reaches another person: say for whom it is not, such as %q", "If either of you is afraid of the other, leave this one out.")
}
