package letter

import (
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

type catalogue map[string][]string

func (c catalogue) has(key string) bool { return len(c[key]) > 0 }

// one is the words of a message that has no variants; a parameter {x} takes the value that
// follows "x" in params.
func (c catalogue) one(key string, params ...string) string { return fill(c[key][0], params...) }

// nth is one of a message's variants.
func (c catalogue) nth(key string, n uint, params ...string) string {
	variants := c[key]
	return fill(variants[n%uint(len(variants))], params...)
}

func fill(words string, params ...string) string {
	for i := 0; i < len(params); i += 2 {
		words = strings.ReplaceAll(words, "{"+params[i]+"}", params[i+1])
	}
	return words
}

// language is one catalogue, with all that letters have in common encoded.
type language struct {
	catalogue
	tag, dir string
	quotes   [4]string // double opening and closing, single opening and closing
	site     string
	sender   string

	top, begin, end encoded                   // HTML before the title, after the preheader, and after all
	heads           map[string]func() encoded // the style sheet up to the preheader, by path
	greeting        frame                     // of the name
	nobody          block                     // greeting without one
	greets          int                       // characters of the shorter of the two, without a name
	footers         [4]func() frame

	// What is said about replies: how to in a check-in, and in other letters; who reads
	// them; that there are none.
	reply, replyShort, private, noReply block

	// Of check-ins.
	kept, round block
	tips        []block
	cards       sync.Map // *content.Card → *encodedCard
}

// fallback is the language of those whose own has no catalogue.
const fallback = "en"

// base is the language of a tag without its region or script: "pt" of "pt-BR".
func base(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	return language
}

func newLanguage(from content.Language, cfg Config) *language {
	l := &language{catalogue: catalogue{}, tag: from.Tag, site: cfg.Site, sender: cfg.SenderName}
	for _, m := range from.Messages {
		l.catalogue[m.Key] = m.Variants
	}
	l.dir = l.one("dir")
	for i, mark := range []rune(l.one("quotes")) {
		l.quotes[i] = string(mark)
	}
	page := strings.Split(fill(withColors(toward(l.dir, pageHTML), light, ""), "lang", l.tag), "{hole}")
	l.top, l.begin, l.end = encodeHTML(page[0]), encodeHTML(page[3]), encodeHTML(page[4])
	l.heads = map[string]func() encoded{}
	for _, path := range append([]string{""}, mend.Paths...) {
		l.heads[path] = sync.OnceValue(func() encoded {
			sheet := withColors(toward(l.dir, styleSheet), light, path) + withColors(darkSheet, dark, path)
			return encodeHTML(page[1] + sheet + page[2])
		})
	}

	name := hole(0)
	l.greeting = newFrame(laid{
		l.one("greeting", "name", name) + "\n\n",
		styleText.open + fill(l.inline(l.one("greeting")), "name", "<bdi>"+name+"</bdi>") + styleText.shut + "\n",
	})
	nobody := l.one("greeting.nobody")
	l.nobody = l.lay(styleText, nobody).encode()
	l.greets = min(utf8.RuneCountInString(l.one("greeting", "name", "")), utf8.RuneCountInString(nobody))
	for i := range l.footers {
		l.footers[i] = sync.OnceValue(func() frame {
			return newFrame(l.footer(i&withPreferences != 0, i&withStop != 0))
		})
	}
	fine := func(key string) block { return l.lay(styleFine, l.one(key)).encode() }
	l.private, l.noReply = fine("reply.private"), fine("reply.none")
	l.reply, l.replyShort = fine("reply.how").with(l.private), fine("reply.short").with(l.private)
	l.kept, l.round = fine("checkin.kept"), fine("checkin.round")
	for _, tip := range l.catalogue["checkin.tip"] {
		l.tips = append(l.tips, l.lay(styleFine, tip).encode())
	}
	return l
}

// The footers are numbered by the links that they have beside those of help.
const (
	withPreferences = 1
	withStop        = 2
)

// footer has holes for the preferences (0) and the stop link (1). The text part marks it as a
// signature (RFC 3676 section 4.3), which mail clients leave out of a quoted answer.
func (l *language) footer(preferences, stop bool) laid {
	text, html := "-- \n", ""
	link := func(name, url string) {
		text += l.one("footer.text."+name) + ":\n" + url + "\n"
		if html != "" {
			html += " ·\n"
		}
		html += `<a href="` + escape(url) + `">` + l.inline(l.one("footer."+name)) + "</a>"
	}
	if preferences {
		link("change", hole(0)+"/rhythm")
		link("pause", hole(0)+"/pause")
	}
	if stop {
		link("stop", hole(1))
	}
	link("help", l.site+"/help")
	link("night", l.site+"/three-minutes")
	return laid{text, styleFooter.open + html + styleFooter.shut + "\n"}
}

// plural is the form of a message that goes with n, which is its parameter.
func (l *language) plural(key string, n int, params ...string) string {
	rule, known := plurals[base(l.tag)]
	if !known {
		rule = plurals[fallback]
	}
	return l.one(key+"."+rule.form(n), append(params, "n", strconv.Itoa(n))...)
}

// plurals says which plural forms a language has, named as in Unicode's CLDR, and which of them
// goes with a number. A language needs an entry here before it can have words.
var plurals = map[string]struct {
	forms []string
	form  func(n int) string
}{
	"en": {[]string{"one", "other"}, func(n int) string {
		if n == 1 {
			return "one"
		}
		return "other"
	}},
}

// PluralForms lists the plural forms that the words of a language need; none where the
// program does not know them.
func PluralForms(tag string) []string { return plurals[base(tag)].forms }

// date is a day in words: "Friday 6 March".
func (l *language) date(d mend.Date) string {
	if !onCalendar(d) {
		return d.String()
	}
	return l.one("date", "weekday", l.catalogue["weekdays"][d.Weekday()], "day", strconv.Itoa(d.Day),
		"month", l.month(d), "year", strconv.Itoa(d.Year))
}

func (l *language) month(d mend.Date) string { return l.catalogue["months"][d.Month-1] }

// onCalendar reports a date that has a name; "no date" has none.
func onCalendar(d mend.Date) bool { return d.Month >= 1 && d.Month <= 12 }
