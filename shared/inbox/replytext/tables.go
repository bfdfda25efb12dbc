package replytext

import (
	"slices"
	"strings"
	"sync"

	"example.org/mend/shared/inbox/language"
)

// field is a line of a header block.
type field uint8

const (
	noField field = iota
	fieldFrom
	fieldSent
	fieldTo
	fieldCc
	fieldSubject
	fieldOther
)

// labelTopics are the topics of the fields, in their order.
var labelTopics = []*language.Topic{
	language.From, language.Sent, language.To, language.Cc, language.Subject, language.Other,
}

// table holds the phrases that are not looked up as they are.
type table struct {
	wrote         map[string][]string // by the last word
	wroteUnspaced []string
	labels        map[string]field
	weekdays      map[string]bool
	shortDays     map[string]bool // their first letters
	device        phrases
	downloads     phrases
}

// phrases finds those that begin or end a line without trying each.
type phrases struct {
	byFirst, byLast map[string][]string // by their first or last word
	unspaced        []string            // of scripts without spaces
}

// tables is built when the first message is read.
var tables = sync.OnceValue(func() *table {
	t := &table{
		wrote: map[string][]string{}, labels: map[string]field{}, weekdays: map[string]bool{}, shortDays: map[string]bool{},
		device: newPhrases(language.Device), downloads: newPhrases(language.Downloads),
	}
	// The same word is From in one language and To in another. The first field wins, so that the
	// outcome does not depend on the order of the languages.
	for i, topic := range labelTopics {
		for _, label := range topic.Phrases() {
			if _, ok := t.labels[label]; !ok {
				t.labels[label] = field(i + 1)
			}
		}
	}
	for _, forms := range language.Weekdays.Phrases() {
		for day := range strings.SplitSeq(forms, "/") {
			t.weekdays[day] = true
			for i := range day {
				if i >= 2 {
					t.shortDays[day[:i]] = true
				}
			}
		}
	}
	for _, phrase := range language.Wrote.Phrases() {
		t.addWrote(phrase)
	}
	return t
})

// addWrote adds a verb; one with brackets, "napisał(a)", is written with them.
func (t *table) addWrote(phrase string) {
	if strings.IndexFunc(phrase, language.IsUnspaced) >= 0 {
		t.wroteUnspaced = append(t.wroteUnspaced, phrase)
		return
	}
	phrase = strings.TrimRight(phrase, ",.:;)\"")
	last := lastWords(phrase, 1)
	if !slices.Contains(t.wrote[last], phrase) {
		t.wrote[last] = append(t.wrote[last], phrase)
	}
}

func newPhrases(topic *language.Topic) phrases {
	p := phrases{byFirst: map[string][]string{}, byLast: map[string][]string{}}
	for _, phrase := range topic.Phrases() {
		if strings.ContainsFunc(phrase, language.IsUnspaced) {
			p.unspaced = append(p.unspaced, phrase)
			continue
		}
		first, last := strings.Split(phrase, " ")[0], lastWords(phrase, 1)
		p.byFirst[first] = append(p.byFirst[first], phrase)
		p.byLast[last] = append(p.byLast[last], phrase)
	}
	return p
}

// at returns the longest phrase with which s begins or ends, and the rest of s.
func (p *phrases) at(s string) (phrase, rest string) {
	first, _, _ := strings.Cut(s, " ")
	for _, candidate := range p.byFirst[strings.TrimRight(first, ".,:")] {
		if len(candidate) > len(phrase) && strings.HasPrefix(s, candidate) && !language.LetterAfter(s, len(candidate)) {
			phrase, rest = candidate, s[len(candidate):]
		}
	}
	if phrase != "" {
		return phrase, rest
	}
	tail := strings.TrimRight(s, ".!")
	last := tail[strings.LastIndexByte(tail, ' ')+1:]
	for _, candidate := range p.byLast[last] {
		if len(candidate) > len(phrase) && strings.HasSuffix(tail, candidate) {
			phrase, rest = candidate, tail[:len(tail)-len(candidate)]
		}
	}
	if phrase != "" || isASCII(s) {
		return phrase, rest
	}
	for _, candidate := range p.unspaced {
		switch {
		case len(candidate) <= len(phrase):
		case strings.HasPrefix(s, candidate):
			phrase, rest = candidate, s[len(candidate):]
		case strings.HasSuffix(tail, candidate):
			phrase, rest = candidate, tail[:len(tail)-len(candidate)]
		}
	}
	return phrase, rest
}
