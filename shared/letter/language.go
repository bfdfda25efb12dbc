package letter

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"example.org/mend/content"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

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
	footers         [4]frame

	// What is said about replies: how to in a check-in, and in other letters; who reads them; that there are none.
	reply, replyShort, private, noReply block

	// Of check-ins.
	kept, round block
	tips        []block
	cards       sync.Map // *content.Card → *encodedCard
}

// fallback is the language of those whose own has no catalogue.
const fallback = "en"

func newLanguage(from content.Language, cfg Config) *language {
	words := newCatalogue(from)
	l := &language{catalogue: words, tag: from.Tag, dir: words.one("dir"), site: cfg.Site, sender: cfg.SenderName}
	for i, mark := range []rune(words.one("quotes")) {
		l.quotes[i] = string(mark)
	}
	page := func(html string) encoded {
		return encodeHTML(fill(withColors(toward(l.dir, html), light, ""), "lang", l.tag))
	}
	l.top, l.begin, l.end = page(pageTop), page(mainStart), page(pageEnd)
	l.heads = map[string]func() encoded{}
	for _, path := range append([]string{""}, mend.Paths...) {
		l.heads[path] = sync.OnceValue(func() encoded {
			sheet := withColors(toward(l.dir, styleSheet), light, path) + withColors(darkStyle, dark, path)
			return encodeHTML(headEnd + sheet + withColors(bodyStart, light, path))
		})
	}

	name := hole(0)
	l.greeting = newFrame(laid{
		l.one("greeting", "name", name) + "\n\n",
		styleText + fill(l.inline(l.one("greeting")), "name", "<bdi>"+name+"</bdi>") + "</p>\n",
	})
	l.nobody = l.paragraph(l.one("greeting.nobody")).encode()
	l.greets = min(utf8.RuneCountInString(l.one("greeting", "name", "")), utf8.RuneCountInString(l.one("greeting.nobody")))
	for i := range l.footers {
		l.footers[i] = newFrame(l.footer(i&withPreferences != 0, i&withStop != 0))
	}
	private := l.fine(l.one("reply.private"))
	l.reply = join(l.fine(l.one("reply.how")), private).encode()
	l.replyShort = join(l.fine(l.one("reply.short")), private).encode()
	l.private = private.encode()
	l.noReply = l.fine(l.one("reply.none")).encode()

	l.kept = l.fine(l.one("checkin.kept")).encode()
	l.round = l.fine(l.one("checkin.round")).encode()
	for _, tip := range l.catalogue["checkin.tip"] {
		l.tips = append(l.tips, l.fine(tip).encode())
	}
	return l
}

// The footers are numbered by the links that they have beside those of help.
const (
	withPreferences = 1
	withStop        = 2
)

// footer has holes for the preferences (0) and the stop link (1). The text part marks it as a signature (RFC 3676
// section 4.3), which mail clients leave out of a quoted answer.
func (l *language) footer(preferences, stop bool) laid {
	text := "-- \n"
	var links []string
	link := func(key, url string) {
		links = append(links, `<a href="`+url+`">`+l.inline(l.one(key))+"</a>")
	}
	if preferences {
		for _, page := range []struct{ name, path string }{{"change", "/rhythm"}, {"pause", "/pause"}} {
			text += l.one("footer.text."+page.name) + ":\n" + hole(0) + page.path + "\n"
			link("footer."+page.name, hole(0)+page.path)
		}
	}
	if stop {
		text += l.one("footer.text.stop") + ":\n" + hole(1) + "\n"
		link("footer.stop", hole(1))
	}
	for _, page := range []struct{ name, path string }{{"help", "/help"}, {"night", "/three-minutes"}} {
		text += l.one("footer.text."+page.name) + ":\n" + l.site + page.path + "\n"
		link("footer."+page.name, escape(l.site)+page.path)
	}
	return laid{text, styleFooter + strings.Join(links, " ·\n") + "</p>\n"}
}

// open begins a letter: the HTML page with its title and preheader, and the greeting. In the text part
// the preheader is the first sentence. A path that is unknown, or that may not show, has no color.
func (l *language) open(s *sheet, path, name, subject, preheader string) {
	head, known := l.heads[path]
	if !known {
		head = l.heads[""]
	}
	s.html = append(s.html, l.top...)
	s.html = appendHTML(s.html, escape(subject))
	s.html = append(s.html, head()...)
	s.html = appendHTML(s.html, escape(preheader))
	s.html = appendPadding(s.html, utf8.RuneCountInString(preheader)+l.greets+utf8.RuneCountInString(name))
	s.html = append(s.html, l.begin...)
	if name == "" {
		s.add(l.nobody)
	} else {
		l.greeting.fill(s, name)
	}
	s.text = appendQuoted(s.text, flow(preheader)+"\n")
}

// close ends a letter.
func (l *language) close(s *sheet, h Head) {
	footer := 0
	if h.Preferences != "" {
		footer |= withPreferences
	}
	if h.Stop != "" {
		footer |= withStop
	}
	l.footers[footer].fill(s, h.Preferences, h.Stop)
	s.html = append(s.html, l.end...)
}

// shownName is a name as letters show it. Nobody's is longer in earnest.
func shownName(typed string) string {
	const most = 60
	if len(typed) > most {
		typed = digest.Cut(typed, most)
	}
	return plain(typed)
}

// plural is the form of a message that goes with n, which is its parameter.
func (l *language) plural(key string, n int, params ...string) string {
	return l.one(key+"."+pluralsOf(l.tag).of(n), append(params, "n", strconv.Itoa(n))...)
}

// date is a day in words: "Friday 6 March".
func (l *language) date(d mend.Date) string {
	if !onCalendar(d) {
		return d.String()
	}
	return l.one("date",
		"weekday", l.catalogue["weekdays"][d.Weekday()],
		"day", strconv.Itoa(d.Day),
		"month", l.month(d),
		"year", strconv.Itoa(d.Year))
}

func (l *language) month(d mend.Date) string { return l.catalogue["months"][d.Month-1] }

// onCalendar reports a date that has a name; "no date" has none.
func onCalendar(d mend.Date) bool { return d.Month >= 1 && d.Month <= 12 }

// frame is a block with holes, encoded.
type frame struct{ text, html []piece }

// piece is what stands before a hole, and which hole it is; the last piece has none (-1).
type piece struct {
	before encoded
	hole   int
}

// hole marks hole n in a block that is to become a frame.
func hole(n int) string { return "\x00" + string(rune('0'+n)) }

func newFrame(b laid) frame { return frame{pieces(b.text, encode), pieces(b.html, encodeHTML)} }

func pieces(s string, encode func(string) encoded) []piece {
	var all []piece
	for {
		before, after, ok := strings.Cut(s, "\x00")
		if !ok {
			return append(all, piece{encode(s), -1})
		}
		all = append(all, piece{encode(before), int(after[0] - '0')})
		s = after[1:]
	}
}

// fill appends the frame with its holes filled.
func (f frame) fill(s *sheet, fills ...string) {
	for _, p := range f.text {
		if len(p.before) > 1 && p.before[:2] == "\r\n" { // it ends the line of the hole before it
			s.text = bytes.TrimSuffix(s.text, softBreak)
		}
		s.text = append(s.text, p.before...)
		if p.hole >= 0 {
			s.text = appendQuoted(s.text, fills[p.hole])
		}
	}
	for _, p := range f.html {
		s.html = append(s.html, p.before...)
		if p.hole >= 0 {
			s.html = appendHTML(s.html, escape(fills[p.hole]))
		}
	}
}
