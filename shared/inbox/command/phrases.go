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
type class uint8

const (
	bareStop   class = 1 << iota // "stop", "unsubscribe"
	aloneStop                    // "enough", where nothing else is said
	lettersOf                    // "these emails"
	noMoreOf                     // "no more", which needs letters
	besideStop                   // "I want", "me"
	notToMe                      // "do not write to me", where nothing else is said
	courteous                    // "please": changes nothing
)

// lexicon is what one language has to say about stopping, by canonical phrase.
type lexicon struct {
	classes   map[string]class
	unspaced  bool // a script without spaces between words
	longest   int  // how many units the longest phrase has: words, or letters where it is unspaced
	greetings []string
	courtesy  []string
	reasons   []string
	others    []string
}

// lexicons is built when the first reply is read. byPhrase finds the languages in which a phrase
// stops, so that a sentence is tried in those alone.
type lexicons struct {
	all      []*lexicon
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
		for topic, c := range map[*language.Topic]class{
			language.Stop: bareStop, language.StopAlone: aloneStop, language.Letters: lettersOf,
			language.NoMore: noMoreOf, language.NotToMe: notToMe, language.StopWith: besideStop, language.Courtesies: courteous,
			language.Greetings: courteous,
		} {
			for _, phrase := range l.Phrases(topic) {
				x.add(canonical(phrase), c)
			}
		}
		for _, phrase := range english.Phrases(language.Courtesies) {
			x.add(canonical(phrase), courteous)
		}
		if c := l.Phrases(language.Courtesies); len(c) > 0 && !x.unspaced {
			v.please = append(v.please, " "+canonical(c[0])+" ")
		}
		x.greetings = canonicals(l.Phrases(language.Greetings), x.unspaced)
		x.courtesy = canonicals(append(l.Phrases(language.Courtesies), l.Phrases(language.Closings)...), x.unspaced)
		x.reasons = canonicals(l.Phrases(language.Reasons), x.unspaced)
		x.others = canonicals(l.Phrases(language.Others), x.unspaced)
		for phrase, c := range x.classes {
			if c&(bareStop|aloneStop|noMoreOf|notToMe) != 0 {
				v.byPhrase[phrase] = append(v.byPhrase[phrase], x)
			}
		}
		v.all, v.longest = append(v.all, x), max(v.longest, x.longest)
	}
	return v
})

func (x *lexicon) add(phrase string, c class) {
	units := strings.Count(phrase, " ") + 1
	if x.unspaced {
		phrase = strings.ReplaceAll(phrase, " ", "")
		units = utf8.RuneCountInString(phrase)
	}
	x.classes[phrase] |= c
	x.longest = max(x.longest, units)
}

func canonicals(phrases []string, unspaced bool) []string {
	out := make([]string, len(phrases))
	for i, phrase := range phrases {
		if out[i] = canonical(phrase); unspaced {
			out[i] = strings.ReplaceAll(out[i], " ", "")
		}
	}
	return out
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
	at := 0
	for at < len(s) {
		n := 0
		for at+2*n < len(s) && s[at+2*n] != ' ' && s[at+2*n] < utf8.RuneSelf && (at+2*n+1 == len(s) || s[at+2*n+1] == ' ') {
			n++
		}
		if n >= 3 {
			return s[:at] + strings.ReplaceAll(s[at:at+2*n-1], " ", "") + s[at+2*n-1:]
		}
		next := strings.IndexByte(s[at:], ' ')
		if next < 0 {
			break
		}
		at += next + 1
	}
	return s
}

// text is a canonical sentence, cut into units: words, or letters of a script without spaces.
type text struct {
	s     string
	start []int // of each unit, and one past the last
	ends  []int // of each unit
}

// maxUnits bounds a sentence that may be an order: longer ones are words.
const maxUnits = 48

// units cuts s. ok is false if it is longer than an order.
func units(s string, unspaced bool) (t text, ok bool) {
	if unspaced {
		t.s = strings.ReplaceAll(s, " ", "")
		for i, r := range t.s {
			t.start = append(t.start, i)
			t.ends = append(t.ends, i+utf8.RuneLen(r))
			if len(t.start) > maxUnits {
				return t, false
			}
		}
		return t, true
	}
	t.s = s
	for at := 0; at < len(s); {
		end := strings.IndexByte(s[at:], ' ')
		if end < 0 {
			end = len(s) - at
		}
		t.start, t.ends = append(t.start, at), append(t.ends, at+end)
		if at += end + 1; len(t.start) > maxUnits {
			return t, false
		}
	}
	return t, true
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
func stops(sentence string) stopKind {
	if kind := stopsAsIs(sentence); kind != noStop || len(sentence) > maxLine {
		return kind
	}
	for _, please := range vocabulary().please {
		if before, after, ok := strings.Cut(sentence, please); ok {
			return stopsAsIs(before + " " + after)
		}
	}
	return noStop
}

// stopsAsIs judges one canonical sentence: it asks us to stop if all of it is made of phrases of one
// language, among them a word for stopping, or "no more" and a word for letters.
func stopsAsIs(sentence string) stopKind {
	if sentence == "" || len(sentence) > maxLine {
		return noStop
	}
	best := noStop
	for pass, unspaced := range []bool{false, true} {
		if pass == 1 && strings.IndexFunc(sentence, language.IsUnspaced) < 0 {
			break
		}
		t, ok := units(sentence, unspaced)
		if !ok {
			continue
		}
		var tried []*lexicon
		v := vocabulary()
		for i := range t.start {
			for j := i; j < len(t.ends) && j < i+v.longest; j++ {
				for _, x := range v.byPhrase[t.s[t.start[i]:t.ends[j]]] {
					if x.unspaced == unspaced && !slices.Contains(tried, x) {
						tried = append(tried, x)
						best = max(best, x.judge(t))
					}
				}
			}
		}
	}
	return best
}

// judge finds the ways to cut t into phrases. reached[i] is the set of what the phrases before unit i
// can be together: a bit for each combination of classes.
func (x *lexicon) judge(t text) stopKind {
	n := len(t.start)
	reached := make([]uint64, n+1)
	reached[0] = 1
	for i := range n {
		if reached[i] == 0 {
			continue
		}
		for j := i; j < n && j < i+x.longest; j++ {
			c := x.classes[t.s[t.start[i]:t.ends[j]]]
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

// wordsBehind counts the words behind a phrase with which sentence begins, -1 if there is none. Three
// letters of a script without spaces count as a word.
func (x *lexicon) wordsBehind(sentence string, phrases []string) int {
	if x.unspaced {
		sentence = strings.ReplaceAll(sentence, " ", "")
	}
	least := -1
	for _, phrase := range phrases {
		after, ok := strings.CutPrefix(sentence, phrase)
		n := strings.Count(after, " ")
		switch {
		case !ok || phrase == "" || !x.unspaced && after != "" && after[0] != ' ':
			continue
		case x.unspaced:
			n = (utf8.RuneCountInString(after) + 2) / 3
		}
		if least < 0 || n < least {
			least = n
		}
	}
	return least
}

// mentions reports one of the phrases anywhere in sentence.
func (x *lexicon) mentions(sentence string, phrases []string) bool {
	if x.unspaced {
		sentence = strings.ReplaceAll(sentence, " ", "")
	} else {
		sentence = " " + sentence + " "
	}
	return slices.ContainsFunc(phrases, func(phrase string) bool {
		if x.unspaced {
			return strings.Contains(sentence, phrase)
		}
		at := strings.Index(sentence, phrase)
		return at > 0 && strings.Contains(sentence[at-1:], " "+phrase+" ")
	})
}

// isGreetingOf, isThanks and isReason report a short sentence of that kind that speaks of nobody else.
func isGreetingOf(s string) bool {
	return anyLexicon(func(x *lexicon) bool {
		n := x.wordsBehind(s, x.greetings)
		return n >= 0 && n <= 3 && !x.mentions(s, x.others)
	})
}

func isThanks(s string, most int) bool {
	return anyLexicon(func(x *lexicon) bool {
		n := x.wordsBehind(s, x.courtesy)
		return n >= 0 && n <= most && !x.mentions(s, x.others)
	})
}

func isReason(s string) bool {
	return strings.Count(s, " ") <= 20 && anyLexicon(func(x *lexicon) bool {
		return x.mentions(s, x.reasons) && !x.mentions(s, x.others)
	})
}

func anyLexicon(f func(*lexicon) bool) bool { return slices.ContainsFunc(vocabulary().all, f) }
