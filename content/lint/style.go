package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.org/mend/content"
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
	mark := ""
	if !f.OK {
		mark = "  ←"
	}
	return fmt.Sprintf("%-58s %s (%s)%s", f.Name, f.amount(), f.Limit, mark)
}

func (f Figure) amount() string {
	return strings.TrimSpace(strings.TrimSuffix(fmt.Sprintf("%.1f", f.Value), ".0") + " " + f.Unit)
}

// measure is a habit of style that is counted over all cards: the sum of n, by the sum of what it is of.
type measure struct {
	name    string
	unit    string // "%" or "per 1,000 words"; "" for the number itself
	least   bool   // the limit is the least, else the most
	limit   float64
	instead string // what to write instead
	count   func(d *Draft) (n, of int)
}

// measuresOfStyle are the habits that hurt, or help, most. Each has a limit that an editor can act on.
var measuresOfStyle = []measure{
	{"cards", "", true, leastCards, "write more", func(*Draft) (int, int) { return 1, 0 }},
	{"contractions", "per 1,000 words", true, 8, "write \"don't\" and \"you're\", as people speak",
		func(d *Draft) (n, of int) {
			for _, p := range d.prose() {
				n, of = n+len(contraction().FindAllString(p.text, -1)), of+len(wordsOf(p.text))
			}
			return n, of
		}},
	{"cards with \"somebody\" or \"anybody\"", "%", false, 10, "write \"someone\" and \"anyone\"",
		share((*Draft).prose, somebody)},
	{"openings whose first paragraph has no \"you\"", "%", false, 25, "begin with the reader, not with a scene",
		func(d *Draft) (int, int) {
			return 1 - one(you().MatchString(d.idea[0].text)), 1
		}},
	{"ideas with household objects", "%", false, 35, "say it plainly, or with real speech between two people",
		share(func(d *Draft) []paragraph { return d.idea }, household)},
	{"questions that ask two things", "%", false, 10, "ask one thing", func(d *Draft) (n, of int) {
		for _, q := range d.Questions {
			n += one(strings.Count(q, "?") > 1 || second().MatchString(q))
		}
		return n, len(d.Questions)
	}},
	{"practices that ask the reader to write", "%", false, 50, "let people say, do, ask, stop or rest",
		share(func(d *Draft) []paragraph { return d.practice }, writing)},
	{"cards on couples in amends, together and betrayal", "%", true, 40, "take your examples from couples",
		func(d *Draft) (int, int) {
			if !slices.Contains([]string{content.Amends, "together", "betrayal"}, d.Path) {
				return 0, 0
			}
			return share((*Draft).prose, couple)(d)
		}},
	{"sentences that begin with \"Nobody\" or \"No one\"", "", false, 8, "turn some round", func(d *Draft) (n, of int) {
		for _, p := range d.prose() {
			for _, s := range sentencesOf(p.text) {
				n += one(nobody().MatchString(s))
			}
		}
		return n, 0
	}},
}

var (
	contraction = lazily(`(?i)\b[a-z]+(?:n['’]t|['’](?:re|ve|ll|d|m))\b|` +
		`\b(?:it|that|there|here|what|who|he|she|let|how|where|when)['’]s\b`)
	somebody  = lazily(`(?i)\b(?:somebody|anybody)`)
	you       = lazily(`(?i)\b(?:you|your|yours|yourself)\b`)
	nobody    = lazily(`^["“'(*]*(?:Nobody|No one)\b`)
	household = lazily(`(?i)\b(?:doors?|coats?|kitchens?|keys?|drawers?|bench(?:es)?|soups?|kettles?|cups?|mugs?|` +
		`tables?|chairs?|windows?|lamps?|candles?|box(?:es)?|walls?|shel(?:f|ves)|stoves?|ovens?|pots?|pans?|` +
		`plates?|spoons?|blankets?|curtains?|carpets?|rugs?|gardens?|gates?|fences?|stairs?|cupboards?|` +
		`wardrobes?|jars?|baskets?|buckets?|clocks?|bread|loa(?:f|ves)|needles?|threads?|buttons?|hems?|` +
		`pillows?|mirrors?|fridges?|hinges?|latch(?:es)?)\b`)
	writing = lazily(`(?i)\b(?:write|writes|writing|list|draw|jot|underline|ring|tick|note down|cross out|` +
		`put (?:\w+ ){0,4}(?:on|to) paper|on paper|on a card|in a notebook)\b`)
	couple = lazily(`(?i)\b(?:partners?|husband|wife|wives|spouse|girlfriend|boyfriend|affair|cheat(?:ed|ing)?|` +
		`marri(?:ed|age)|couples?|bed|sex|ex|slept with|dating|the two of you|living together|` +
		`your relationship)\b`)
	second = lazily(`(?i), (?:and|or|but) (?:if so, |then )?(?:what|how|who|whom|when|where|which|why|did|do|does|` +
		`was|were|is|are|would|could|can|have|has)\b`)
)

// share counts the cards that have a pattern in a part of them.
func share(part func(*Draft) []paragraph, pattern func() *regexp.Regexp) func(*Draft) (int, int) {
	return func(d *Draft) (int, int) { return one(slices.ContainsFunc(part(d), has(pattern))), 1 }
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// measures counts the habits over all cards. The mean reading grade is for information: each card has its own limit.
func (l *linter) measures() []Figure {
	if len(l.drafts) == 0 {
		return nil
	}
	var figures []Figure
	for _, m := range measuresOfStyle {
		n, of := 0, 0
		for _, d := range l.drafts {
			a, b := m.count(d)
			n, of = n+a, of+b
		}
		f := Figure{m.name, float64(n), m.unit, fmt.Sprintf("at most %g", m.limit), false}
		if of > 0 {
			f.Value *= map[string]float64{"%": 100, "per 1,000 words": 1000}[m.unit] / float64(of)
		}
		f.OK = f.Value <= m.limit
		if m.least {
			f.Limit, f.OK = fmt.Sprintf("at least %g", m.limit), f.Value >= m.limit
		}
		if !f.OK {
			l.lacks("%s: %s, %s: %s", f.Name, f.amount(), f.Limit, m.instead)
		}
		figures = append(figures, f)
	}
	sum := 0.0
	for _, d := range l.drafts {
		sum += d.grade
	}
	return append(figures, Figure{"reading grade (Flesch–Kincaid), mean", sum / float64(len(l.drafts)), "",
		fmt.Sprintf("each card at most %g", maxGrade), true})
}

// What a question asks about that only someone who did the practice can answer.
var (
	// doing is what the practice was like or gave.
	doing = lazily(`(?i)\b(?:how (?:was|were|did) (?:it|that|this|they|the|your)\b|what (?:was|did) ` +
		`(?:it|that|they) (?:like|feel|say)|what was it like|(?:what|which|how much|how many|who)(?: \w+){0,3} did you ` +
		`(?:find|notice|write|choose|pick|cross|put|leave out|say in|draw|underline|keep|send|list|take)\b|` +
		`did you (?:do it|try|manage|get to|find|write)|` +
		`while you (?:were )?(?:wrote|writing|doing|did|sat|walked)|as you (?:wrote|did|read|said)|` +
		`when you (?:wrote|read it|said it|tried|did it|finished|put it)|` +
		`after(?:wards| the (?:practice|walk|talk|call|hour|minutes|pause))|could you finish)`)
	// general is words of a question about a reader's life.
	general = lazily(`(?i)\b(?:last|ever|usually|often|always|as a child|before now|these days|so far|lately|` +
		`for years|this (?:week|month|year)|growing up|used to)\b`)
	// definite is a thing that a question takes for known; past says that it asks what happened to it.
	definite = lazily(`(?i)\b(?:the|your|this|that|these|those|each|which) (?:\w+ ` +
		`)?(sentence|list|note|paper|page|card|draft|line|pile|` +
		`drawing|exercise|practice|minute|pause|walk|hour|plan|three|four|five|two|six|ten)s?\b`)
	past = lazily(`(?i)\b(?:did|was|were|came|felt|wrote|said|found|noticed|chose)\b`)
	// done is something that the reader did once. If it's a verb of the practice, they'd have to do that first.
	done = lazily(`(?i)\b(?:did|while|as|when|after) you(?: were| had|'d)? (?:\w+ly )?(\w{3,}?)(?:e|ed|ing)?\b`)
)

// firstQuestion wants a first question that needs no practice: the page that asks it has only just set the practice.
func (l *linter) firstQuestion(d *Draft) {
	q := d.questions[0]
	if general().MatchString(q.text) {
		return
	}
	at := doing().FindStringIndex(q.text)
	practice := plain(strings.Join(d.Practice, " "))
	for _, pattern := range []func() *regexp.Regexp{definite, done} {
		known := pattern().FindStringSubmatchIndex(q.text)
		if at == nil && known != nil && past().MatchString(q.text) &&
			strings.Contains(practice, strings.ToLower(q.text[known[2]:known[3]])) {
			at = known[:2]
		}
	}
	if at == nil {
		return
	}
	words := strings.Fields(q.text[at[0]:])
	l.at(d, q.at(at[0]), "question 1 needs the practice first (%q): ask something that can be answered at once, "+
		"such as %q",
		strings.Join(words[:min(6, len(words))], " "), "When did you last say \"it's fine\" when it wasn't?")
}

// counts finds what the library as a whole has too little of.
func (l *linter) counts() {
	lib := l.library()
	who := map[content.Role]string{
		content.BrokeTrust: "those who broke trust", content.WasHurt: "those who were hurt",
		content.Both: "those who did both", content.RoleUnset: "those who did not say their role",
	}
	for _, path := range content.Paths() {
		for _, role := range append(content.RolesOf(path), content.RoleUnset) {
			for _, noContact := range []bool{false, true} {
				n, whom := len(lib.Eligible(path, role, noContact)), who[role]
				if noContact {
					whom += " and have no contact"
				}
				if n < leastEligible {
					l.lacks("%s has %d cards for %s, at least %d: write %d more for them in %s or %s",
						path, n, whom, leastEligible, leastEligible-n, path, content.Shared)
				}
			}
		}
	}
	for _, a := range l.advice {
		n := 0
		for _, d := range l.drafts {
			n += one(slices.Contains(d.Advice, a.ID))
		}
		if n < leastPerAdvice {
			l.lacks("%s is the advice of %d cards, at least %d: write one that draws on it", a.ID, n, leastPerAdvice)
		}
	}
}
