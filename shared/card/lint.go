package card

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
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
	mostOneWordApart            = 3
	openingWords                = 4
)

// Lint finds all that is wrong with the cards of fsys: what keeps a file from being a card, how it
// is written, and what is counted over the library. Findings are sorted by file and place, those of the library first.
func Lint(fsys fs.FS) []Finding {
	drafts, err := readAll(fsys)
	if err != nil {
		return []Finding{{Message: err.Error()}}
	}
	whole, findings := sound(drafts)
	advice, inAdvice := ReadAdvice(fsys)
	bans, inBans := readBanned(fsys)

	l := &linter{advice: advice, bans: bans, drafts: whole}
	for _, d := range whole {
		l.front(d)
		l.reach(d)
	}
	for _, d := range drafts {
		if d.hasBody() {
			l.lengths(d)
			l.markup(d)
			l.wording(d)
		}
	}
	l.alike()
	l.counts()
	findings = slices.Concat(findings, inAdvice, inBans, l.findings)
	slices.SortFunc(findings, byPlace)
	return slices.Compact(findings)
}

// lazily compiles a pattern when it is first used. The sender links this package for its cards and never
// lints: the patterns would take half a millisecond of each of its cold starts.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

type linter struct {
	advice   []Advice
	bans     []banned
	drafts   []*draft // the whole ones
	findings []Finding
}

func (l *linter) report(d *draft, at place, format string, args ...any) {
	l.findings = append(l.findings, d.finding(at, format, args...))
}

// front checks the front matter against the rest of the library.
func (l *linter) front(d *draft) {
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
	ids := make([]string, len(l.drafts))
	for i, other := range l.drafts {
		ids[i] = other.ID
	}
	for _, id := range d.Related {
		switch {
		case id == d.ID:
			l.report(d, d.at["related"], "a card is not related to itself: take %s out", id)
		case !slices.Contains(ids, id):
			l.report(d, d.at["related"], "there is no card %s%s", id, didYouMean(id, ids))
		}
	}
	if d.Path == Apart && d.Contact == Mutual {
		l.report(d, d.at["contact"], "a card of %s asks nothing that both have to want: write contact none, and a practice that one can do alone", Apart)
	}
}

func (l *linter) lengths(d *draft) {
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

func (l *linter) length(d *draft, part string, ps []paragraph, least, most int) {
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
func (d *draft) prose() []paragraph { return slices.Concat(d.idea, d.practice, d.questions) }

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

func (l *linter) markup(d *draft) {
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

func (l *linter) wording(d *draft) {
	title := paragraph{d.Title, []run{{0, d.at["title"]}}}
	for _, p := range append(d.prose(), title) {
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

	var sentences []string
	longest, at := "", place{}
	for _, p := range d.prose() {
		for _, s := range sentencesOf(p.text) {
			sentences = append(sentences, s)
			if len(wordsOf(s)) > len(wordsOf(longest)) {
				longest, at = s, p.at(strings.Index(p.text, s))
			}
		}
	}
	if g := grade(sentences); g > maxGrade {
		l.report(d, at, "reading grade %.1f, at most %.0f (Flesch–Kincaid): use shorter words, and split sentences such as this one of %d words", g, maxGrade, len(wordsOf(longest)))
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

func (l *linter) reach(d *draft) {
	if d.Contact == None {
		return
	}
	for _, p := range slices.Concat(d.idea, d.practice) {
		if wayOut().MatchString(p.text) {
			return
		}
	}
	l.report(d, d.at["contact"], "the practice reaches another person: say for whom it is not, such as %q", "If either of you is afraid of the other, leave this one out.")
}
