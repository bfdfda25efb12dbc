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

// figure counts the habit over cards.
func (h habit) figure(drafts []*Draft) Figure {
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
	f := Figure{Name: h.Name, Value: float64(n), instead: h.Instead}
	switch h.Of {
	case "cards", "questions":
		f.Unit, f.Value = "%", f.Value*100/float64(max(of, 1))
	case "words":
		f.Unit, f.Value = "per 1,000 words", f.Value*1000/float64(max(of, 1))
	}
	return f.within(h.Least, h.Most)
}

// Figure is something that is counted over all cards, and its limit.
type Figure struct {
	Name  string
	Value float64
	Unit  string // such as "%" or "per 1,000 words"; may be empty
	Limit string
	OK    bool

	instead string // what to write instead
}

// within gives the figure its limit: the least that it may be, or if that is 0 the most.
func (f Figure) within(least, most float64) Figure {
	f.Limit, f.OK = fmt.Sprintf("at most %g", most), f.Value <= most
	if least > 0 {
		f.Limit, f.OK = fmt.Sprintf("at least %g", least), f.Value >= least
	}
	return f
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

// measures counts the habits over all cards. The mean reading grade is for information: each
// card has its own limit.
func (l *linter) measures() []Figure {
	if len(l.drafts) == 0 {
		return nil
	}
	figures := []Figure{
		Figure{Name: "cards", Value: float64(len(l.drafts)), instead: "write more"}.within(leastCards, 0),
	}
	for _, h := range rules().Habits {
		figures = append(figures, h.figure(l.drafts))
	}
	for _, f := range figures {
		if !f.OK {
			l.lacks("%s: %s, %s: %s", f.Name, f.amount(), f.Limit, f.instead)
		}
	}
	sum := 0.0
	for _, d := range l.drafts {
		sum += d.grade
	}
	return append(figures, Figure{Name: "reading grade (Flesch–Kincaid), mean", Value: sum / float64(len(l.drafts)),
		Limit: fmt.Sprintf("each card at most %g", maxGrade), OK: true})
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
					l.lacks("%s has %d cards for %s, at least %d: write %d more for them in %s or %s",
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
			l.lacks("%s is the advice of %d cards, at least %d: write one that draws on it", a.ID, n, leastPerAdvice)
		}
	}
}
