package letter

import (
	"strconv"
	"sync"
	"unicode/utf8"

	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

// draft is a letter while it is written.
type draft struct {
	*language
	Head       // its name is plain, and its path is empty where it may not show
	rules      mend.PrivacyRules
	turn       uint
	subject    string
	text, html []byte // encoded
	err        error  // the first link that is none
}

// Drafts are used again, so that a letter allocates little more than its own bytes.
var drafts = sync.Pool{New: func() any { return new(draft) }}

func (c *Composer) newDraft(h Head) *draft {
	d := drafts.Get().(*draft)
	rules := h.Privacy.Rules()
	h.Name = shownName(h.Name)
	if !rules.Path {
		h.Path = ""
	}
	*d = draft{language: c.language(h.Locale), Head: h, rules: rules, turn: turn(h), text: d.text[:0], html: d.html[:0]}
	return d
}

// turn chooses among variants. It moves by one a day, from a start of each address's own, so that
// check-ins in a row never share a subject (mail clients would put them into one thread), whichever
// the cadence: the linter wants so many variants, and a prime number of them that is not a week,
// that no few days, weeks or month are a multiple of it. A random choice, of the letter's id for
// instance, would repeat itself once in every so many letters.
func turn(h Head) uint {
	start := uint32(2166136261) // FNV-1a, without the allocation of hash/fnv
	for _, c := range []byte(h.To.Key()) {
		start = (start ^ uint32(c)) * 16777619
	}
	return uint(start) + uint(mend.DateOf(h.At).Days())
}

func (d *draft) compose(b Body) error {
	if b == nil {
		return errBody
	}
	if !d.rules.Titles && isCovered(b.Kind()) {
		d.subject = mend.CoverOf(d.Cover) + " " + strconv.Itoa(d.Number)
		if c, ok := b.(CheckIn); ok && c.isPage() && c.Step > 0 {
			d.subject = mend.CoverOf(d.Cover) + " · " + d.one("checkin.count", c.steps()...)
		}
	}
	if err := b.write(d); err != nil {
		return err
	}
	d.close()
	return d.err
}

// isCovered reports the kinds of letter whose subject is the cover name and a number, unless
// privacy allows titles.
func isCovered(k mend.Kind) bool {
	return k == mend.CheckIn || k == mend.Reminder || k == mend.PromiseKind || k == mend.Digest
}

// open begins a letter: the HTML page with its title and preheader, and the greeting. The subject,
// unless it is chosen already, and the preheader are messages of the catalogue. In the text part
// the preheader is the first sentence.
func (d *draft) open(key string, params ...string) {
	d.text, d.html = d.text[:0], d.html[:0]
	if d.subject == "" && d.has(key+".subject") {
		d.subject = d.nth(key+".subject", d.turn, params...)
	}
	preheader := d.nth(key+".preheader", d.turn, params...)
	head, known := d.heads[d.Path]
	if !known {
		head = d.heads[""]
	}
	d.html = append(d.html, d.top...)
	d.html = appendHTML(d.html, escape(d.subject))
	d.html = append(d.html, head()...)
	d.html = appendHTML(d.html, escape(preheader))
	d.html = appendPadding(d.html, utf8.RuneCountInString(preheader)+d.greets+utf8.RuneCountInString(d.Name))
	d.html = append(d.html, d.begin...)
	if d.Name == "" {
		d.add(d.nobody)
	} else {
		d.fill(d.greeting, d.Name)
	}
	d.text = appendQuoted(d.text, flow(preheader)+"\n")
}

func (d *draft) close() {
	footer := 0
	if d.Preferences != "" {
		footer |= withPreferences
	}
	if d.Stop != "" {
		footer |= withStop
	}
	d.fill(d.footers[footer](), d.Preferences, d.Stop)
	d.html = append(d.html, d.end...)
}

// add appends a block that was encoded before.
func (d *draft) add(b block) {
	d.text = append(d.text, b.text...)
	d.html = append(d.html, b.html...)
}

// put appends a block that only this letter has.
func (d *draft) put(b laid) {
	d.text = appendQuoted(d.text, b.text)
	d.html = appendHTML(d.html, b.html)
}

// say appends a message of the catalogue.
func (d *draft) say(s style, key string, params ...string) { d.put(d.lay(s, d.one(key, params...))) }

// link appends a link on a line of its own, whose label is a message of the catalogue.
func (d *draft) link(s style, key, url string) {
	if !isURL(url) {
		d.err = errURL
		return
	}
	label := d.one(key)
	d.put(laid{flow(asText(label)+":") + url + "\n\n", s.open + escape(url) + `">` + d.inline(label) + s.shut + "\n"})
}

// fill appends a frame with its holes filled.
func (d *draft) fill(f frame, fills ...string) {
	for _, p := range f {
		if p.hole >= 0 {
			d.text = appendQuoted(d.text, fills[p.hole])
			d.html = appendHTML(d.html, escape(fills[p.hole]))
		}
		d.text = append(appendQuoted(d.text, p.line), p.text...)
		d.html = append(d.html, p.html...)
	}
}

// sayReply says whether the letter can be answered, who reads answers, and that we are no emergency
// service. how is what a letter that can be answered says.
func (d *draft) sayReply(how block) {
	if d.Reply == "" {
		how = d.noReply
	}
	d.add(how)
}

// shownName is a name as letters show it. Nobody's is longer in earnest.
func shownName(typed string) string {
	const most = 60
	if len(typed) > most {
		typed = digest.Cut(typed, most)
	}
	return plain(typed)
}

// shownWords is at most so many characters of someone's own words, as letters show them.
func shownWords(typed string, most int) string { return plain(digest.Cut(typed, most)) }
