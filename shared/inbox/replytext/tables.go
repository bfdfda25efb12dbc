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
var labelTopics = []language.Topic{
	language.From, language.Sent, language.To, language.Cc, language.Subject, language.Other,
}

// table is the languages' phrases, folded and laid out for looking up.
type table struct {
	openers   map[string]bool
	wrote     map[string][]string // by the last word
	labels    map[string]field
	original  []string
	forwarded []string
	device    phrases

	wroteUnspaced []string

	pronouns     map[string]bool
	weekdays     map[string]bool
	shortDays    map[string]bool // their first letters
	footers      []string
	reactions    []string
	closings     map[string]bool
	greetings    map[string]bool
	legal        []string
	banners      []string
	bannerStarts []string
	bannerWords  []string
	scanners     []string
	devices      []string
	downloads    phrases
	apps         []string
	systems      []string
	replyAbove   []string
	printing     []string
	apologies    []string
	legalHeads   map[string]bool
}

// phrases finds those that begin or end a line without trying each.
type phrases struct {
	byFirst, byLast map[string][]string // by their first or last word
	unspaced        []string            // of scripts without spaces
}

// tableOf is built when the first message is read.
var tableOf = sync.OnceValue(func() *table {
	t := &table{
		openers:      setOf(language.Phrases(language.Openers)),
		pronouns:     setOf(language.Phrases(language.Pronouns)),
		greetings:    setOf(language.Phrases(language.Greetings)),
		closings:     setOf(language.Phrases(language.Closings)),
		weekdays:     map[string]bool{},
		shortDays:    map[string]bool{},
		footers:      language.Phrases(language.Footers),
		reactions:    language.Phrases(language.Reactions),
		wrote:        map[string][]string{},
		labels:       map[string]field{},
		original:     language.Phrases(language.Original),
		forwarded:    language.Phrases(language.Forwarded),
		device:       newPhrases(language.Phrases(language.Device)),
		downloads:    newPhrases(language.Phrases(language.Downloads)),
		legal:        language.Phrases(language.Legal),
		banners:      language.Phrases(language.Banners),
		scanners:     language.Phrases(language.Scanners),
		devices:      language.Phrases(language.Devices),
		apps:         language.Phrases(language.Apps),
		systems:      language.Phrases(language.Systems),
		replyAbove:   language.Phrases(language.ReplyAbove),
		bannerStarts: language.Phrases(language.BannerStarts),
		bannerWords:  language.Phrases(language.BannerWords),
		printing:     language.Phrases(language.Printing),
		legalHeads:   setOf(language.Phrases(language.LegalHeads)),
		apologies:    language.Phrases(language.Apologies),
	}
	// The same word is From in one language and To in another. The first field wins, so that the
	// outcome does not depend on the order of the languages.
	for i, topic := range labelTopics {
		for _, label := range language.Phrases(topic) {
			if _, ok := t.labels[label]; !ok {
				t.labels[label] = field(i + 1)
			}
		}
	}
	for _, forms := range language.Phrases(language.Weekdays) {
		for day := range strings.SplitSeq(forms, "/") {
			t.weekdays[day] = true
			for i := range day {
				if i >= 2 {
					t.shortDays[day[:i]] = true
				}
			}
		}
	}
	for _, phrase := range language.Phrases(language.Wrote) {
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

func setOf(words []string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

func newPhrases(all []string) phrases {
	p := phrases{byFirst: map[string][]string{}, byLast: map[string][]string{}}
	for _, phrase := range all {
		p.add(phrase)
	}
	return p
}

func (p *phrases) add(phrase string) {
	for _, r := range phrase {
		if language.IsUnspaced(r) {
			p.unspaced = append(p.unspaced, phrase)
			return
		}
	}
	first, _, _ := strings.Cut(phrase, " ")
	last := phrase[strings.LastIndexByte(phrase, ' ')+1:]
	p.byFirst[first] = append(p.byFirst[first], phrase)
	p.byLast[last] = append(p.byLast[last], phrase)
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

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// containsAny returns the first of the phrases that s contains.
func containsAny(s string, phrases []string) (string, bool) {
	for _, p := range phrases {
		if strings.Contains(s, p) {
			return p, true
		}
	}
	return "", false
}
