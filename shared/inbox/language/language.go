// Package language knows what people and mail programs write, in each language, around an author's
// own words.
//
// All of it is data: languages.txt has a section for each language and a line for each [Topic]. A
// package that reads mail asks for the phrases of a topic. To add a language, add a section.
package language

import (
	_ "embed"
	"iter"
	"slices"
	"strings"
	"sync"
)

// Topic is what a line of a section is about, with what all languages together say on it.
type Topic struct {
	Name   string
	once   sync.Once
	folded []string
	set    map[string]bool
	starts *[1024]uint64       // a bit for each hash of the first three bytes of a phrase
	by     map[uint32][]string // the phrases by their first three bytes
	short  []string            // those that have only two

	count   sync.Once
	numbers map[string]int
}

// Topics lists all topics, in the order in which they are declared.
var Topics []*Topic

func topic(name string) *Topic {
	t := &Topic{Name: name}
	Topics = append(Topics, t)
	return t
}

// The topics of each language. A section may leave some out; docs/replies.md lists what is missing.
var (
	Openers   = topic("openers")  // stand before the date of an attribution line: "On 3 March …"
	Wrote     = topic("wrote")    // the verb of an attribution line
	Pronouns  = topic("pronouns") // stand beside that verb only where a person tells a story
	From      = topic("from")     // the labels of a header block
	Sent      = topic("sent")
	To        = topic("to")
	Cc        = topic("cc")
	Subject   = topic("subject")
	Other     = topic("other")
	Original  = topic("original")  // between the dashes of "-----Original Message-----"
	Forwarded = topic("forwarded") // between the dashes of "---------- Forwarded message ----------"
	Device    = topic("device")    // "Sent from my" begins or ends a line that names a device or an app
	Closings  = topic("closings")  // "Best regards"
	Legal     = topic("legal")     // phrases of disclaimers; two of them make one
	Banners   = topic("banners")   // what gateways put above mail from outside
	Scanners  = topic("scanners")  // what virus scanners put below it
	Automatic = topic("automatic") // what automatic responders put before a subject

	Greetings  = topic("greetings")  // "Good morning"
	Courtesies = topic("courtesies") // "please", "thank you": stand beside an order and change nothing
	Stop       = topic("stop")       // a bare word that asks us to stop
	StopAlone  = topic("stop alone") // the same where nothing else is said: "enough", "end"
	Letters    = topic("letters")    // what is to stop: "these emails", "my subscription"
	StopWith   = topic("stop with")  // words beside these: "I would like to … sending me …"
	NoMore     = topic("no more")    // stops together with letters: "no more emails"
	NotToMe    = topic("not to me")  // stops if nothing else is said: "do not write to me"
	Reasons    = topic("reasons")    // polite reasons to stop: "I don't need it any more"
	Others     = topic("others")     // other people and their speaking: then it is a story
	Pause      = topic("pause")      // words for the order PAUSE
	Weekdays   = topic("weekdays")   // from Monday to Sunday; several forms are separated by "/"
	Months     = topic("months")     // from January to December, likewise
	Numbers    = topic("numbers")    // from one, likewise
	Today      = topic("today")
	Tomorrow   = topic("tomorrow")
	In         = topic("in")    // "in" three days
	Days       = topic("days")  // in three "days"
	Weeks      = topic("weeks") // in three "weeks"
	Until      = topic("until") // stands before a date and does not change it
)

// Topics of the section "Every language".
var (
	Devices      = topic("devices")       // names that make "Sent from …" a footer and not a sentence
	Downloads    = topic("downloads")     // begin "Get BlueMail for Android"
	Apps         = topic("apps")          // one of these and …
	Systems      = topic("systems")       // … one of these complete it
	Bounces      = topic("bounces")       // subjects of mail systems that could not deliver
	Receipts     = topic("receipts")      // subjects of read receipts …
	ReceiptWords = topic("receipt words") // … and what their text has
	ReplyAbove   = topic("reply above")   // "type your reply above this line"
	BannerStarts = topic("banner starts") // how banners begin
	BannerWords  = topic("banner words")  // one of these in a sentence shows that it belongs to a banner
	Printing     = topic("printing")      // what footers say about paper
	ListFooters  = topic("list footers")  // begin what mailing lists put below
	Footers      = topic("footers")       // whole lines that apps and trackers put below the words
	Reactions    = topic("reactions")     // "Ana reacted to your message"
	LegalHeads   = topic("legal heads")   // titles above disclaimers
	Apologies    = topic("apologies")     // "excuse my typos"

	// The containers in which mail clients put what is not the author's, by class, id or name.
	// Webmail that shows foreign HTML puts a prefix before each, so the ends count.
	QuoteBoxes     = topic("quote boxes")     // hold what is quoted, its head included
	HeadBoxes      = topic("head boxes")      // hold an attribution line or a header block
	SignatureBoxes = topic("signature boxes") // hold a signature

	Quoting       = topic("quoting")        // begin attributions that have no verb and no date
	OpenersGlued  = topic("openers glued")  // openers of scripts without spaces
	Titles        = topic("titles")         // stand before a name or behind it, with a full stop
	FirstPerson   = topic("first person")   // legal text has none of these
	ContactLabels = topic("contact labels") // begin a line of contact details
	Ordinals      = topic("ordinals")       // from first, likewise
	Overmorrow    = topic("overmorrow")     // the day after tomorrow
	Prepositions  = topic("prepositions")   // stand between what is promised and its date
	Filler        = topic("filler")         // beside a date: does not change the day
	Vague         = topic("vague")          // no one day: "next week"
)

// Language is one section of languages.txt.
type Language struct {
	Name    string
	phrases map[string][]string // by topic
}

// Phrases lists what the language has on a topic, as it is written.
func (l Language) Phrases(t *Topic) []string { return l.phrases[t.Name] }

//go:embed languages.txt
var source string

// All lists the languages. The last is "Every language", for what does not depend on one. The data
// is parsed at the first call, because most programs that link this package never read a mail.
var All = sync.OnceValue(func() []Language {
	var all []Language
	for section := range strings.SplitSeq(source, "\n# ") {
		name, lines, _ := strings.Cut(section, "\n")
		l := Language{name, map[string][]string{}}
		for line := range strings.SplitSeq(lines, "\n") {
			if topic, phrases, ok := strings.Cut(line, ": "); ok {
				l.phrases[topic] = strings.Split(phrases, " | ")
			}
		}
		all = append(all, l)
	}
	return all[1:] // the first piece explains the file
})

// Phrases lists what all languages have on the topic, folded, each phrase once.
func (t *Topic) Phrases() []string {
	t.once.Do(func() {
		t.set, t.by, t.starts = map[string]bool{}, map[uint32][]string{}, new([1024]uint64)
		for _, l := range All() {
			for _, phrase := range l.Phrases(t) {
				low := Fold(phrase)
				if t.set[low] {
					continue
				}
				t.set[low] = true
				t.folded = append(t.folded, low)
				if len(low) < 3 {
					t.short = append(t.short, low)
					continue
				}
				key, bit := start(low)
				t.by[key] = append(t.by[key], low)
				t.starts[bit/64] |= 1 << (bit % 64)
			}
		}
	})
	return t.folded
}

// start is the first three bytes of s, and their hash.
func start(s string) (key, bit uint32) {
	key = uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16
	return key, key * 0x9e3779b1 >> 16
}

// Has reports whether a folded text is one of the phrases.
func (t *Topic) Has(low string) bool {
	t.Phrases()
	return t.set[low]
}

// Number is which of the phrases of its language a folded form is, counted from one; 0 if it is
// none. Forms of a phrase are separated by "/". The first language that has a form decides.
func (t *Topic) Number(form string) int {
	t.count.Do(func() {
		t.numbers = map[string]int{}
		for _, l := range All() {
			for i, phrase := range l.Phrases(t) {
				for form := range strings.SplitSeq(Fold(phrase), "/") {
					if t.numbers[form] == 0 {
						t.numbers[form] = i + 1
					}
				}
			}
		}
	})
	return t.numbers[form]
}

// All yields the phrases of three bytes or more in a folded text, and where each begins.
func (t *Topic) All(low string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		t.Phrases()
		for i := range max(0, len(low)-2) {
			key, bit := start(low[i:])
			if t.starts[bit/64]&(1<<(bit%64)) == 0 {
				continue
			}
			for _, phrase := range t.by[key] {
				if strings.HasPrefix(low[i:], phrase) && !yield(i, phrase) {
					return
				}
			}
		}
	}
}

// Begins reports whether a folded text begins with one of the phrases.
func (t *Topic) Begins(low string) bool {
	t.Phrases()
	if len(low) < 3 {
		return false
	}
	key, _ := start(low)
	return slices.ContainsFunc(t.by[key], func(phrase string) bool { return strings.HasPrefix(low, phrase) })
}

// Ends reports whether a text in lower case ends with one of the phrases.
func (t *Topic) Ends(low string) bool {
	return slices.ContainsFunc(t.Phrases(), func(phrase string) bool { return strings.HasSuffix(low, phrase) })
}

// AtEnd finds the longest phrase with which a folded text begins or, if there is none, ends, as
// words of their own, and the rest of the text.
func (t *Topic) AtEnd(low string) (phrase, rest string) {
	for i, found := range t.All(low) {
		end := i + len(found)
		switch {
		case i == 0 && len(found) > len(phrase) && !LetterAfter(low, end):
			phrase, rest = found, low[end:]
		case i > 0 && phrase == "" && end == len(low) && !LetterBefore(low, i):
			return found, low[:i]
		case i > 0 && phrase != "":
			return phrase, rest
		}
	}
	return phrase, rest
}

// Find is where the first of the phrases begins and ends in a folded text, 0 and 0 if
// there is none.
func (t *Topic) Find(low string) (begin, end int) {
	for i, phrase := range t.All(low) {
		return i, i + len(phrase)
	}
	return 0, 0
}

// In reports whether a folded text has one of the phrases anywhere.
func (t *Topic) In(low string) bool {
	_, end := t.Find(low)
	return end > 0 || slices.ContainsFunc(t.short, func(phrase string) bool { return strings.Contains(low, phrase) })
}

// Count is how many different phrases a folded text has.
func (t *Topic) Count(low string) int {
	var found []string
	for _, phrase := range t.All(low) {
		if !slices.Contains(found, phrase) {
			found = append(found, phrase)
		}
	}
	return len(found)
}
