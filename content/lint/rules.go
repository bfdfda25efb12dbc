package lint

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

//go:embed rules.yaml
var rulesFile []byte

// rules is rules.yaml. It is read when it is first needed: most commands lint nothing.
var rules = sync.OnceValue(func() (r struct {
	Lengths map[string][2]int `yaml:"lengths"`
	Markup  []struct {
		Pattern pattern `yaml:"pattern"`
		Say     string  `yaml:"say"`
	} `yaml:"markup"`
	NotButIs      pattern `yaml:"not_but_is"`
	Safety        pattern `yaml:"safety"`
	Writing       pattern `yaml:"writing"`
	FirstQuestion struct {
		General    pattern   `yaml:"general"`
		Doing      pattern   `yaml:"doing"`
		Past       pattern   `yaml:"past"`
		OfPractice []pattern `yaml:"of_practice"`
	} `yaml:"first_question"`
	Habits []habit `yaml:"habits"`
}) {
	if err := yaml.UnmarshalWithOptions(rulesFile, &r, yaml.Strict()); err != nil {
		panic("rules.yaml: " + err.Error()) // it is in the binary, and each test of this package reads it
	}
	return r
})

// pattern is a regular expression, or a list of them that match in any case and as whole words.
type pattern struct{ *regexp.Regexp }

// UnmarshalYAML reads either form.
func (p *pattern) UnmarshalYAML(unmarshal func(any) error) error {
	var expression string
	var words []string
	if unmarshal(&words) == nil {
		expression = `(?i)\b(?:` + strings.Join(words, "|") + `)\b`
	} else if err := unmarshal(&expression); err != nil {
		return err
	}
	compiled, err := regexp.Compile(expression)
	p.Regexp = compiled
	return err
}

// in reports whether the pattern is in one of the paragraphs.
func (p pattern) in(paragraphs []paragraph) bool {
	return slices.ContainsFunc(paragraphs, func(in paragraph) bool { return p.MatchString(in.text) })
}

// habit is a habit of style that is counted over all cards.
type habit struct {
	Name    string   `yaml:"name"`
	In      string   `yaml:"in"` // the part of a card
	Of      string   `yaml:"of"` // what is counted
	Folders []string `yaml:"folders"`
	Most    float64  `yaml:"most"`
	Least   float64  `yaml:"least"` // one of the two
	Match   pattern  `yaml:"match"`
	Instead string   `yaml:"instead"` // what to write instead
}

// count counts the habit over cards, in a unit; that may be empty.
func (h habit) count(drafts []*Draft) (value float64, unit string) {
	n, of := 0, 0
	count := func(matches bool) {
		if of++; matches {
			n++
		}
	}
	for _, d := range drafts {
		if h.Folders != nil && !slices.Contains(h.Folders, d.Path) {
			continue
		}
		read := map[string][]paragraph{
			"prose":     d.prose(),
			"idea":      d.idea,
			"opening":   d.idea[:1],
			"practice":  d.practice,
			"questions": d.questions,
		}[h.In]
		if h.Of == "cards" {
			count(h.Match.in(read))
			continue
		}
		for _, p := range read {
			switch h.Of {
			case "words":
				n, of = n+len(h.Match.FindAllString(p.text, -1)), of+len(wordsOf(p.text))
			case "questions":
				count(h.Match.MatchString(p.text))
			case "sentences":
				for _, s := range sentencesOf(p.text) {
					count(h.Match.MatchString(s))
				}
			}
		}
	}
	switch value = float64(n); h.Of {
	case "cards", "questions":
		return value * 100 / float64(max(of, 1)), "%"
	case "words":
		return value * 1000 / float64(max(of, 1)), "per 1,000 words"
	}
	return value, ""
}

// measures counts the habits over all cards: a line for each, and a finding where it is beyond its
// limit, which is the least that it may be, or if that is 0 the most. The mean reading grade is for
// information: each card has its own limit.
func (l *linter) measures() (lines []string) {
	if len(l.drafts) == 0 {
		return nil
	}
	const line = "%-58s %s (%s)"
	amount := func(value float64, unit string) string {
		return strings.TrimSpace(strings.TrimSuffix(fmt.Sprintf("%.1f", value), ".0") + " " + unit)
	}
	cards := float64(len(l.drafts))
	measure := func(h habit, value float64, unit string) {
		limit, ok := fmt.Sprintf("at most %g", h.Most), value <= h.Most
		if h.Least > 0 {
			limit, ok = fmt.Sprintf("at least %g", h.Least), value >= h.Least
		}
		says := fmt.Sprintf(line, h.Name, amount(value, unit), limit)
		if !ok {
			says += "  ←"
			l.fault(place{}, "%s: %s, %s: %s", h.Name, amount(value, unit), limit, h.Instead)
		}
		lines = append(lines, says)
	}
	measure(habit{Name: "cards", Least: leastCards, Instead: "write more"}, cards, "")
	for _, h := range rules().Habits {
		value, unit := h.count(l.drafts)
		measure(h, value, unit)
	}
	sum := 0.0
	for _, d := range l.drafts {
		sum += d.grade
	}
	return append(lines, fmt.Sprintf(line, "reading grade (Flesch–Kincaid), mean", amount(sum/cards, ""),
		fmt.Sprintf("each card at most %g", maxGrade)))
}

// counts finds what the library as a whole has too little of.
func (l *linter) counts() {
	lib := l.library()
	who := map[mend.Role]string{
		mend.BrokeTrust: "those who broke trust", mend.WasHurt: "those who were hurt",
		mend.BothSides: "those who did both", mend.RoleUnsaid: "those who did not say their role",
	}
	for _, path := range mend.Paths {
		for _, role := range append(content.RolesOf(path), mend.RoleUnsaid) {
			for _, noContact := range []bool{false, true} {
				n, whom := len(lib.Eligible(path, role, noContact)), who[role]
				if noContact {
					whom += " and have no contact"
				}
				if n < leastEligible {
					l.fault(place{}, "%s has %d cards for %s, at least %d: write %d more for them in %s or %s",
						path, n, whom, leastEligible, leastEligible-n, path, content.Shared)
				}
			}
		}
	}
	for _, a := range l.advice {
		n := 0
		for _, d := range l.drafts {
			if slices.Contains(d.Advice, a.ID) {
				n++
			}
		}
		if n < leastPerAdvice {
			l.fault(place{}, "%s is the advice of %d cards, at least %d: write one that draws on it", a.ID, n,
				leastPerAdvice)
		}
	}
}
