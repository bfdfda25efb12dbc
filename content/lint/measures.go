package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Figure is something that is counted over all cards, and its limit.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"` // such as "%" or "per 1,000 words"; may be empty
	Limit string  `json:"limit"`
	OK    bool    `json:"ok"`
}

// String is the figure on one line.
func (f Figure) String() string {
	value := strings.TrimSuffix(fmt.Sprintf("%.1f", f.Value), ".0")
	if f.Unit == "%" {
		value += " %"
	} else if f.Unit != "" {
		value += " " + f.Unit
	}
	mark := ""
	if !f.OK {
		mark = "  ←"
	}
	return fmt.Sprintf("%-62s %s (%s)%s", f.Name, value, f.Limit, mark)
}

// measure counts one habit of style.
type measure struct {
	name     string
	unit     string
	least    bool // the limit is the least, else the most
	limit    float64
	instead  string // what to write instead
	of       func(d *Draft) (n, of float64)
	perMille bool
}

// The habits that hurt. "of" counts over all cards; the figure is the sum of n by the sum of what it is of.
var measuresOfStyle = []measure{
	{"contractions", "per 1,000 words", true, 8, "write \"don't\" and \"you're\", as people speak",
		func(d *Draft) (float64, float64) { return count(d, contraction()), words(d) }, true},
	{"cards with \"somebody\" or \"anybody\"", "%", false, 10, "write \"someone\" and \"anyone\"",
		func(d *Draft) (float64, float64) { return b(count(d, somebody()) > 0), 1 }, false},
	{"openings whose first paragraph has no \"you\"", "%", false, 25, "begin with the reader, not with a scene",
		func(d *Draft) (float64, float64) { return b(!you().MatchString(d.idea[0].text)), 1 }, false},
	{"ideas with household objects", "%", false, 35, "say it plainly, or with real speech between two people",
		func(d *Draft) (float64, float64) { return b(slices.ContainsFunc(d.idea, has(household()))), 1 }, false},
	{"questions that ask two things", "%", false, 10, "ask one thing",
		func(d *Draft) (float64, float64) {
			n := 0.0
			for _, q := range d.Questions {
				n += b(asksTwo(q))
			}
			return n, float64(len(d.Questions))
		}, false},
	{"practices that ask the reader to write", "%", false, 50, "let people say, do, ask, stop or rest",
		func(d *Draft) (float64, float64) { return b(slices.ContainsFunc(d.practice, has(writing()))), 1 }, false},
	{"cards on couples in amends, together and betrayal", "%", true, 40, "take your examples from couples",
		func(d *Draft) (float64, float64) {
			if !slices.Contains([]string{"amends", "together", "betrayal"}, d.Path) {
				return 0, 0
			}
			return b(count(d, couple()) > 0), 1
		}, false},
}

// mostNobody is how many sentences may begin with "Nobody" or "No one" in all cards.
const mostNobody = 8

var (
	contraction = lazily(`(?i)\b[a-z]+(?:n['’]t|['’](?:re|ve|ll|d|m))\b|\b(?:it|that|there|here|what|who|he|she|let|how|where|when)['’]s\b`)
	somebody    = lazily(`(?i)\b(?:somebody|anybody)`)
	you         = lazily(`(?i)\b(?:you|your|yours|yourself)\b`)
	nobody      = lazily(`^["“'(*]*(?:Nobody|No one)\b`)
	household   = lazily(`(?i)\b(?:doors?|coats?|kitchens?|keys?|drawers?|bench(?:es)?|soups?|kettles?|cups?|mugs?|tables?|chairs?|windows?|lamps?|candles?|` +
		`box(?:es)?|walls?|shel(?:f|ves)|stoves?|ovens?|pots?|pans?|plates?|spoons?|blankets?|curtains?|carpets?|rugs?|gardens?|gates?|fences?|stairs?|` +
		`cupboards?|wardrobes?|jars?|baskets?|buckets?|clocks?|bread|loa(?:f|ves)|needles?|threads?|buttons?|hems?|pillows?|mirrors?|fridges?|hinges?|latch(?:es)?)\b`)
	writing = lazily(`(?i)\b(?:write|writes|writing|list|draw|jot|underline|ring|tick|note down|cross out|put (?:\w+ ){0,4}(?:on|to) paper|on paper|on a card|in a notebook)\b`)
	couple  = lazily(`(?i)\b(?:partners?|husband|wife|wives|spouse|girlfriend|boyfriend|affair|cheat(?:ed|ing)?|marri(?:ed|age)|couples?|bed|sex|ex|` +
		`slept with|dating|the two of you|living together|your relationship)\b`)
)

// measures counts the habits over all cards.
func (l *linter) measures() []Figure {
	var cards []*Draft
	for _, d := range l.drafts {
		if d.hasBody() {
			cards = append(cards, d)
		}
	}
	if len(cards) == 0 {
		return nil
	}
	figures := []Figure{{Name: "cards", Value: float64(len(cards)), Limit: fmt.Sprintf("at least %d", leastCards), OK: len(cards) >= leastCards}}
	for _, m := range measuresOfStyle {
		n, of := 0.0, 0.0
		for _, d := range cards {
			a, b := m.of(d)
			n, of = n+a, of+b
		}
		if of == 0 {
			continue
		}
		f := Figure{Name: m.name, Value: n / of * 100, Unit: m.unit, Limit: fmt.Sprintf("at most %g", m.limit)}
		if m.perMille {
			f.Value = n / of * 1000
		}
		f.OK = f.Value <= m.limit
		if m.least {
			f.Limit, f.OK = fmt.Sprintf("at least %g", m.limit), f.Value >= m.limit
		}
		figures = append(figures, f)
		if !f.OK {
			l.lacks("%s: %.1f %s, %s: %s", f.Name, f.Value, f.Unit, f.Limit, m.instead)
		}
	}
	return append(figures, l.nobody(cards), grades(cards))
}

// nobody counts the sentences that begin with "Nobody", a mannerism.
func (l *linter) nobody(cards []*Draft) Figure {
	n := 0
	for _, d := range cards {
		for _, p := range d.prose() {
			for _, s := range sentencesOf(p.text) {
				n += int(b(nobody().MatchString(s)))
			}
		}
	}
	if n > mostNobody {
		l.lacks("%d sentences begin with \"Nobody\" or \"No one\", at most %d: turn some round", n, mostNobody)
	}
	return Figure{"sentences that begin with \"Nobody\" or \"No one\"", float64(n), "", fmt.Sprintf("at most %d", mostNobody), n <= mostNobody}
}

// grades is the mean reading grade. Each card's own limit is a finding of its own.
func grades(cards []*Draft) Figure {
	sum := 0.0
	for _, d := range cards {
		sum += d.grade
	}
	mean := sum / float64(len(cards))
	return Figure{"reading grade (Flesch–Kincaid), mean; it proves nothing by itself", mean, "", fmt.Sprintf("each card at most %g", maxGrade), mean <= maxGrade}
}

func b(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func has(pattern *regexp.Regexp) func(paragraph) bool {
	return func(p paragraph) bool { return pattern.MatchString(p.text) }
}

// count counts the matches in the idea, the practice and the questions.
func count(d *Draft, pattern *regexp.Regexp) float64 {
	n := 0
	for _, p := range d.prose() {
		n += len(pattern.FindAllString(p.text, -1))
	}
	return float64(n)
}

func words(d *Draft) float64 {
	n := 0
	for _, p := range d.prose() {
		n += len(wordsOf(p.text))
	}
	return float64(n)
}

// point wants the advice of a card in one plain sentence.
func (l *linter) point(d *Draft) {
	at := d.at["point"]
	switch n := len(wordsOf(d.Point)); {
	case n == 0:
		if at == (place{}) {
			at = place{1, 1}
		}
		l.report(d, at, "the card has no point: add a line with the advice in one plain sentence, such as %q", "point: Keep your reasons out of your apology.")
	case n < leastPoint || n > mostPoint:
		l.report(d, at, "the point has %d words, from %d to %d: say the advice in one plain sentence", n, leastPoint, mostPoint)
	case !oneLine(d.Point) || !strings.HasSuffix(d.Point, ".") && !strings.HasSuffix(d.Point, "?"):
		l.report(d, at, "the point is one plain sentence on one line that ends with a full stop")
	}
	if n := len(wordsOf(d.NotFor)); d.NotFor != "" && (n > mostNotFor || strings.Contains(d.NotFor, "\n")) {
		l.report(d, d.at["not_for"], "not_for is one line of at most %d words, such as %q", mostNotFor,
			"Skip this one if you're afraid of them. *More help* below is for you.")
	}
}

// questions wants a first question that needs no practice, since the page that asks it has only just set the practice.
func (l *linter) questions(d *Draft) {
	if at := needsPractice(d); at >= 0 {
		q := d.questions[0]
		l.report(d, q.at(at), "question 1 needs the practice first (%q): ask something that can be answered at once, such as %q",
			firstWords(q.text[at:], 6), "When did you last say \"it's fine\" when it wasn't?")
	}
	for _, p := range d.prose() {
		if at := strings.Index(strings.ToLower(p.text), "help link"); at >= 0 {
			l.report(d, p.at(at), "the link is called \"More help\": write \"More help, below\"")
		}
	}
}

// asksTwo reports a question that asks two things.
func asksTwo(question string) bool {
	return strings.Count(question, "?") > 1 || second().MatchString(question)
}

var second = lazily(`(?i), (?:and|or|but) (?:if so, |then )?(?:what|how|who|whom|when|where|which|why|did|do|does|was|were|is|are|would|could|can|have|has)\b`)

// doing is a question about what the practice was like or gave.
var doing = lazily(`(?i)\b(?:how (?:was|were|did) (?:it|that|this|they|the|your)\b|what (?:was|did) (?:it|that|they) (?:like|feel|say)|what was it like|` +
	`(?:what|which|how much|how many|who)(?: \w+){0,3} did you (?:find|notice|write|choose|pick|cross|put|leave out|say in|draw|underline|keep|send|list|take)\b|` +
	`did you (?:do it|try|manage|get to|find|write)|while you (?:were )?(?:wrote|writing|doing|did|sat|walked)|as you (?:wrote|did|read|said)|` +
	`when you (?:wrote|read it|said it|tried|did it|finished|put it)|after(?:wards| the (?:practice|walk|talk|call|hour|minutes|pause))|` +
	`could you finish)`)

// general are words of a question about a reader's life rather than about the practice.
var general = lazily(`(?i)\b(?:last|ever|usually|often|always|as a child|before now|these days|so far|lately|this (?:week|month|year)|growing up|used to)\b`)

// definite is a thing that a question takes for known, and past says that it asks about what was done.
var (
	definite = lazily(`(?i)\b(?:the|your|this|that|these|those|each|which) ((?:\w+ )?(?:sentence|sentences|list|note|notes|paper|page|card|draft|drafts|lines?|pile|piles|drawing|` +
		`exercise|practice|minutes|pause|walk|hour|plan|three|four|five|two|six|ten))\b`)
	past = lazily(`(?i)\b(?:did|was|were|came|felt|wrote|said|found|noticed|chose)\b`)
)

// needsPractice is where in the first question something is asked that only who did the practice can answer, or -1.
func needsPractice(d *Draft) int {
	q := d.Questions[0]
	if general().MatchString(q) {
		return -1
	}
	if at := doing().FindStringIndex(q); at != nil {
		return at[0]
	}
	if !past().MatchString(q) {
		return -1
	}
	at := definite().FindStringSubmatchIndex(q)
	if at == nil {
		return -1
	}
	things := strings.Fields(strings.ToLower(q[at[2]:at[3]]))
	thing := strings.TrimSuffix(things[len(things)-1], "s")
	if slices.ContainsFunc(d.Practice, func(p string) bool { return strings.Contains(strings.ToLower(p), thing) }) {
		return at[0]
	}
	return -1
}

func firstWords(text string, n int) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(n, len(words))], " ")
}
