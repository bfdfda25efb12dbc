// Package language knows what people and mail programs write, in each language, around an author's
// own words.
//
// All of it is data: languages.txt has a section for each language and a line for each [Topic]. A
// package that reads mail asks for the phrases of a topic. To add a language, add a section.
package language

import (
	_ "embed"
	"strings"
	"sync"
)

// Topic names a line of a section.
type Topic string

// The topics of each language. A section may leave some out; docs/replies.md lists what is missing.
const (
	Openers   Topic = "openers"   // stand before the date of an attribution line: "On 3 March …"
	Wrote     Topic = "wrote"     // the verb of an attribution line
	Pronouns  Topic = "pronouns"  // stand beside that verb only where a person tells a story
	From      Topic = "from"      // the labels of a header block
	Sent      Topic = "sent"      //
	To        Topic = "to"        //
	Cc        Topic = "cc"        //
	Subject   Topic = "subject"   //
	Other     Topic = "other"     //
	Original  Topic = "original"  // between the dashes of "-----Original Message-----"
	Forwarded Topic = "forwarded" // between the dashes of "---------- Forwarded message ----------"
	Device    Topic = "device"    // "Sent from my" begins or ends a line that names a device or an app
	Closings  Topic = "closings"  // "Best regards"
	Legal     Topic = "legal"     // phrases of disclaimers; two of them make one
	Banners   Topic = "banners"   // what gateways put above mail from outside
	Scanners  Topic = "scanners"  // what virus scanners put below it
	Automatic Topic = "automatic" // what automatic responders put before a subject

	Greetings  Topic = "greetings"  // "Good morning"
	Courtesies Topic = "courtesies" // "please", "thank you": stand beside an order and change nothing
	Stop       Topic = "stop"       // a bare word that asks us to stop
	StopAlone  Topic = "stop alone" // the same where nothing else is said: "enough", "end"
	Letters    Topic = "letters"    // what is to stop: "these emails", "my subscription"
	StopWith   Topic = "stop with"  // words beside these: "I would like to … sending me …"
	NoMore     Topic = "no more"    // stops together with letters: "no more emails"
	NotToMe    Topic = "not to me"  // stops if nothing else is said: "do not write to me"
	Reasons    Topic = "reasons"    // polite reasons to stop: "I don't need it any more"
	Others     Topic = "others"     // other people and their speaking: then it is a story
	Pause      Topic = "pause"      // words for the order PAUSE
	Weekdays   Topic = "weekdays"   // from Monday to Sunday; several forms are separated by "/"
	Months     Topic = "months"     // from January to December, likewise
	Numbers    Topic = "numbers"    // from one, likewise
	Today      Topic = "today"      //
	Tomorrow   Topic = "tomorrow"   //
	In         Topic = "in"         // "in" three days
	Days       Topic = "days"       // in three "days"
	Weeks      Topic = "weeks"      // in three "weeks"
	Until      Topic = "until"      // stands before a date and does not change it
)

// Topics of the section "Every language".
const (
	Devices      Topic = "devices"       // names that make "Sent from …" a footer and not a sentence
	Downloads    Topic = "downloads"     // begin "Get BlueMail for Android"
	Apps         Topic = "apps"          // one of these and …
	Systems      Topic = "systems"       // … one of these complete it
	Bounces      Topic = "bounces"       // subjects of mail systems that could not deliver
	ReplyAbove   Topic = "reply above"   // "type your reply above this line"
	BannerStarts Topic = "banner starts" // how banners begin
	BannerWords  Topic = "banner words"  // one of these in a sentence shows that it belongs to a banner
	Printing     Topic = "printing"      // what footers say about paper
	Footers      Topic = "footers"       // whole lines that apps and trackers put below the words
	Reactions    Topic = "reactions"     // "Ana reacted to your message"
	LegalHeads   Topic = "legal heads"   // titles above disclaimers
	Apologies    Topic = "apologies"     // "excuse my typos"
)

// Language is one section of languages.txt.
type Language struct {
	Name    string
	phrases map[Topic][]string
}

// Phrases lists what the language has on a topic, as it is written.
func (l Language) Phrases(topic Topic) []string { return l.phrases[topic] }

//go:embed languages.txt
var source string

// everyLanguage names the section of the topics that do not depend on the language.
const everyLanguage = "Every language"

// All lists the languages. The data is parsed at the first call, because most programs that link
// this package never read a mail.
var All = sync.OnceValue(func() []Language {
	var all []Language
	for section := range strings.SplitSeq(source, "\n# ") {
		name, lines, _ := strings.Cut(section, "\n")
		l := Language{name, map[Topic][]string{}}
		for line := range strings.SplitSeq(lines, "\n") {
			if topic, phrases, ok := strings.Cut(line, ": "); ok {
				l.phrases[Topic(topic)] = strings.Split(phrases, " | ")
			}
		}
		all = append(all, l)
	}
	return all[1:] // the first piece explains the file
})

// Phrases lists what all languages have on a topic, folded, each phrase once.
func Phrases(topic Topic) []string {
	var all []string
	seen := map[string]bool{}
	for _, l := range All() {
		for _, phrase := range l.phrases[topic] {
			if low := Fold(phrase); !seen[low] {
				seen[low] = true
				all = append(all, low)
			}
		}
	}
	return all
}
