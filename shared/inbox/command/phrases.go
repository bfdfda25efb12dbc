package command

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
)

// class is what a phrase can do in a sentence that asks us to stop. A phrase may have several.
type class uint16

const (
	bareStop   class = 1 << iota // "stop", "unsubscribe"
	aloneStop                    // "enough", where nothing else is said
	lettersOf                    // "these emails"
	noMoreOf                     // "no more", which needs letters
	besideStop                   // "I want", "me"
	notToMe                      // "do not write to me", where nothing else is said
	courteous                    // "please": changes nothing
	greets                       // "Good morning"
	thanks                       // "thank you", "best wishes"
	reason                       // "I don't need it any more"
	others                       // "she said": then it is a story

	stopping = bareStop | aloneStop | noMoreOf | notToMe
)

// classes are the classes of each topic.
var classes = map[*language.Topic]class{
	language.Stop: bareStop, language.StopAlone: aloneStop, language.Letters: lettersOf, language.NoMore: noMoreOf,
	language.StopWith: besideStop, language.NotToMe: notToMe, language.Courtesies: courteous | thanks,
	language.Greetings: courteous | greets, language.Closings: thanks, language.Reasons: reason,
	language.Others: others,
}

// lexicon is what one language has to say about stopping, by canonical phrase.
type lexicon struct {
	classes  map[string]class
	unspaced bool // a script without spaces between words
	longest  int  // how many units the longest phrase has
}

// lexicons is built when the first reply is read. byPhrase finds the languages that stop, greet,
// thank or give a reason with a phrase, so that a sentence is tried in those alone.
type lexicons struct {
	byPhrase map[string][]*lexicon
	longest  int
	please   []string // " please ", and the same in the other languages
}

var vocabulary = sync.OnceValue(func() *lexicons {
	v := &lexicons{byPhrase: map[string][]*lexicon{}}
	english := language.All()[0]
	for _, l := range language.All() {
		x := &lexicon{classes: map[string]class{}}
		for _, phrase := range l.Phrases(language.Stop) {
			x.unspaced = x.unspaced || strings.IndexFunc(phrase, language.IsUnspaced) >= 0
		}
		for topic, c := range classes {
			for _, phrase := range l.Phrases(topic) {
				x.add(phrase, c)
			}
		}
		for _, phrase := range english.Phrases(language.Courtesies) {
			x.add(phrase, courteous)
		}
		if c := l.Phrases(language.Courtesies); len(c) > 0 && !x.unspaced {
			v.please = append(v.please, " "+canonical(c[0])+" ")
		}
		for phrase, c := range x.classes {
			if c&(stopping|greets|thanks|reason) != 0 {
				v.byPhrase[phrase] = append(v.byPhrase[phrase], x)
			}
		}
		v.longest = max(v.longest, x.longest)
	}
	return v
})

func (x *lexicon) add(phrase string, c class) {
	phrase = canonical(phrase)
	n := strings.Count(phrase, " ") + 1
	if x.unspaced {
		phrase = strings.ReplaceAll(phrase, " ", "")
		n = utf8.RuneCountInString(phrase)
	}
	if phrase != "" {
		x.classes[phrase] |= c
		x.longest = max(x.longest, n)
	}
}

// canonical is folded text as its words alone, one space apart. "S.T.O.P." is one word, and so is
// what stands before an apostrophe in "l'abonnement".
func canonical(s string) string {
	low := language.Fold(s)
	if strings.Contains(low, "@") { // "unsubscribe ann@example.org"
		fields := strings.Fields(low)
		for i, f := range fields {
			if strings.Contains(f, "@") {
				fields[i] = "me"
			}
		}
		low = strings.Join(fields, " ")
	}
	var b strings.Builder
	b.Grow(len(low))
	begun := 0 // where the word began in b
	end := func() {
		if b.Len() > begun {
			b.WriteByte(' ')
			begun = b.Len()
		}
	}
	for i, r := range low {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b.WriteRune(r)
		case r == '\'' && b.Len()-begun > 0 && b.Len()-begun <= 2:
			b.WriteByte('\'')
			end()
		case r == '\'' && i > 0 && i+1 < len(low) && low[i+1] != ' ' && b.Len() > begun:
			b.WriteByte('\'')
		default:
			end()
		}
	}
	end()
	return joinLetters(strings.TrimRight(b.String(), " "))
}

// joinLetters makes one word of three or more letters that stand alone: "s t o p".
func joinLetters(s string) string {
	words := strings.Split(s, " ")
	for from := range words {
		to := from
		for to < len(words) && len(words[to]) == 1 {
			to++
		}
		if to-from >= 3 {
			word := strings.Join(words[from:to], "")
			return strings.Join(slices.Replace(words, from, to, word), " ")
		}
	}
	return s
}

// text is a canonical sentence, cut into units: words, or letters of a script without spaces.
type text struct {
	s        string
	unspaced bool
	start    []int // of each unit
	ends     []int
}

// phrase is the text from unit i to unit j.
func (t text) phrase(i, j int) string { return t.s[t.start[i]:t.ends[j]] }

// maxUnits bounds a sentence that may be an order: longer ones are words.
const maxUnits = 48

// texts cuts a sentence into words, and if it has letters of a script without spaces, into letters
// as well. A sentence that is longer than an order is none.
func texts(sentence string) (out []text) {
	t := text{s: sentence}
	for word := range strings.SplitSeq(sentence, " ") {
		at := 0
		if n := len(t.ends); n > 0 {
			at = t.ends[n-1] + 1
		}
		t.start, t.ends = append(t.start, at), append(t.ends, at+len(word))
	}
	if len(t.start) <= maxUnits {
		out = append(out, t)
	}
	if strings.ContainsFunc(sentence, language.IsUnspaced) {
		t = text{s: strings.ReplaceAll(sentence, " ", ""), unspaced: true}
		for i, r := range t.s {
			t.start, t.ends = append(t.start, i), append(t.ends, i+utf8.RuneLen(r))
		}
		if len(t.start) <= maxUnits {
			out = append(out, t)
		}
	}
	return out
}

// anyLanguage calls f with each language that has a phrase of class c in a sentence,
// until f is true.
func anyLanguage(sentence string, c class, f func(*lexicon, text) bool) bool {
	v := vocabulary()
	for _, t := range texts(sentence) {
		var tried []*lexicon
		for i := range t.start {
			for j := i; j < len(t.ends) && j < i+v.longest; j++ {
				phrase := t.phrase(i, j)
				for _, x := range v.byPhrase[phrase] {
					if x.unspaced != t.unspaced || x.classes[phrase]&c == 0 || slices.Contains(tried, x) {
						continue
					}
					if tried = append(tried, x); f(x, t) {
						return true
					}
				}
			}
		}
	}
	return false
}

// stopKind is how much a sentence asks us to stop.
type stopKind uint8

const (
	noStop    stopKind = iota
	stopAlone          // if nothing else is said
	stopMine           // "do not write to me": if that is all; elsewhere it tells of others
	stopWords          // "I want to stop", "stop it": if that is all
	stopBare           // the bare word, or stop and letters together
)

// stops judges one canonical sentence, and what is left of it without the "please" in the middle.
// It asks us to stop if all of it is made of phrases of one language, among them a word for
// stopping, or "no more" and a word for letters.
func stops(sentence string) stopKind {
	best := noStop
	judge := func(x *lexicon, t text) bool {
		best = max(best, x.judge(t))
		return false
	}
	if len(sentence) > maxLine {
		return noStop
	}
	anyLanguage(sentence, stopping, judge)
	for _, please := range vocabulary().please {
		if before, after, ok := strings.Cut(sentence, please); ok && best == noStop {
			anyLanguage(before+" "+after, stopping, judge)
		}
	}
	return best
}

// judge finds the ways to cut t into phrases. reached[i] is the set of what the phrases before unit
// i can be together: a bit for each combination of classes.
func (x *lexicon) judge(t text) stopKind {
	n := len(t.start)
	reached := make([]uint64, n+1)
	reached[0] = 1
	for i := range n {
		if reached[i] == 0 {
			continue
		}
		for j := i; j < n && j < i+x.longest; j++ {
			c := x.classes[t.phrase(i, j)]
			if c&courteous != 0 {
				reached[j+1] |= reached[i]
			}
			for bit := bareStop; bit <= notToMe; bit <<= 1 {
				for set := uint64(0); c&bit != 0 && set < 64; set++ {
					if reached[i]&(1<<set) != 0 {
						reached[j+1] |= 1 << (set | uint64(bit))
					}
				}
			}
		}
	}
	best := noStop
	for set := range class(64) {
		if reached[n]&(1<<set) == 0 {
			continue
		}
		switch {
		case set&bareStop != 0 && set&noMoreOf != 0:
			// "I do not want to stop these letters"
		case set&bareStop != 0 && (set&lettersOf != 0 || set&besideStop == 0),
			set&noMoreOf != 0 && set&lettersOf != 0, set&aloneStop != 0 && set&lettersOf != 0:
			return stopBare
		case set&bareStop != 0:
			best = max(best, stopWords)
		case set&notToMe != 0:
			best = max(best, stopMine)
		case set == aloneStop:
			best = max(best, stopAlone)
		}
	}
	return best
}

// isShort reports that a sentence begins with a phrase of class c, that at most so many words
// stand behind it, and that it speaks of nobody else. Three letters of a script without
// spaces count as a word.
func isShort(sentence string, c class, most int) bool {
	return anyLanguage(sentence, c, func(x *lexicon, t text) bool {
		for j := min(len(t.ends), x.longest) - 1; j >= 0; j-- {
			if x.classes[t.phrase(0, j)]&c == 0 {
				continue
			}
			behind := len(t.ends) - j - 1
			if t.unspaced {
				behind = (behind + 2) / 3
			}
			return behind <= most && !x.mentions(t, others)
		}
		return false
	})
}

// mentions reports a phrase of class c anywhere in a sentence.
func (x *lexicon) mentions(t text, c class) bool {
	for i := range t.start {
		for j := i; j < len(t.ends) && j < i+x.longest; j++ {
			if x.classes[t.phrase(i, j)]&c != 0 {
				return true
			}
		}
	}
	return false
}

func isGreetingOf(s string) bool { return isShort(s, greets, 3) }

func isThanks(s string, most int) bool { return isShort(s, thanks, most) }

func isReason(s string) bool {
	return strings.Count(s, " ") <= 20 &&
		anyLanguage(s, reason, func(x *lexicon, t text) bool { return !x.mentions(t, others) })
}
