package inbox

import (
	"slices"
	"strings"
	"sync"
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

// table is the languages' phrases, folded and laid out for looking up.
type table struct {
	openers   map[string]bool
	wrote     map[string][]string // by the last word
	labels    map[string]field
	original  []string
	forwarded []string
	device    phrases

	wroteUnspaced []string

	closings  map[string]bool
	legal     []string
	banners   []string
	scanners  []string
	devices   []string
	downloads phrases
	automatic []string // subjects
	pronouns  map[string]bool
}

// phrases finds those that begin or end a line without trying each.
type phrases struct {
	byFirst, byLast map[string][]string // by their first or last word
	unspaced        []string            // of scripts without spaces
}

// phrasesOf is built when the first message is read: most programs that link
// this package never read one.
var phrasesOf = sync.OnceValue(func() *table {
	t := &table{wrote: map[string][]string{}, openers: map[string]bool{}, labels: map[string]field{}, closings: map[string]bool{}}
	t.device, t.downloads = newPhrases(), newPhrases()
	for _, l := range languages {
		addAll(t.openers, l.openers)
		addAll(t.closings, l.closings)
		for f, labels := range map[field][]string{fieldFrom: l.from, fieldSent: l.sent, fieldTo: l.to, fieldCc: l.cc, fieldSubject: l.subject, fieldOther: l.other} {
			for _, label := range labels {
				// The same word is From in one language and To in another: the lower field wins, so
				// that the outcome does not depend on the order of languages.
				key := foldString(label)
				if have, ok := t.labels[key]; !ok || f < have {
					t.labels[key] = f
				}
			}
		}
		for _, phrase := range l.wrote {
			t.addWrote(foldString(phrase))
		}
		t.original = appendNew(t.original, l.original)
		t.forwarded = appendNew(t.forwarded, l.forwarded)
		t.legal = appendNew(t.legal, l.legal)
		t.banners = appendNew(t.banners, l.banners)
		t.scanners = appendNew(t.scanners, l.scanners)
		for _, phrase := range l.device {
			t.device.add(foldString(phrase))
		}
	}
	t.devices = appendNew(nil, devices)
	for _, verb := range downloads {
		t.downloads.add(foldString(verb))
	}
	t.automatic = appendNew(nil, automaticSubjects)
	t.pronouns = map[string]bool{}
	addAll(t.pronouns, strings.Fields(pronouns))
	return t
})

// addWrote adds a verb; one with brackets, "napisał(a)", is written with them.
func (t *table) addWrote(phrase string) {
	if strings.IndexFunc(phrase, isUnspaced) >= 0 {
		t.wroteUnspaced = append(t.wroteUnspaced, phrase)
		return
	}
	phrase = strings.TrimRight(phrase, ",.:;)\"")
	last := lastWords(phrase, 1)
	if !slices.Contains(t.wrote[last], phrase) {
		t.wrote[last] = append(t.wrote[last], phrase)
	}
}

func addAll(set map[string]bool, words []string) {
	for _, w := range words {
		set[foldString(w)] = true
	}
}

func appendNew(list, words []string) []string {
	for _, w := range words {
		w = foldString(w)
		if !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

func newPhrases() phrases {
	return phrases{byFirst: map[string][]string{}, byLast: map[string][]string{}}
}

func (p *phrases) add(phrase string) {
	for _, r := range phrase {
		if isUnspaced(r) {
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
		if len(candidate) > len(phrase) && strings.HasPrefix(s, candidate) && !letterAfter(s, len(candidate)) {
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
