package letter

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"example.org/mend/shared/card"
)

// Notices lists the names of [Notice].
var Notices = []string{
	"already-signed-up", "reply-quarantined", "paused", "resumed", "settings-changed", "no-contact", "promise-when",
	"address-change", "address-changed", "erased", "goodbye",
}

// Housekeepings lists the names of [Housekeeping].
var Housekeepings = []string{"still-fits", "slower"}

// want is what the program asks of a message.
type want struct {
	params   string // names of its parameters, parted by spaces; each may be used, no other
	needs    string // those of them that must be used
	variants int    // 0: exactly one; n: a prime number of at least n, and not 7; -n: exactly n; any: one or more
	plural   bool   // one message for each plural form of the language, named key.form
	outside  bool   // seen from outside, so it must be discreet and short
	optional bool
}

const anyNumber = 1 << 10

// wants is what the program asks of a catalogue, by key.
func wants() map[string]want {
	w := map[string]want{
		"dir": {}, "quotes": {}, "indiscreet": {variants: anyNumber}, "months": {variants: -12}, "weekdays": {variants: -7},
		"date": {params: "weekday day month year", needs: "day month"},

		"greeting": {params: "name", needs: "name"}, "greeting.nobody": {},
		"reply.how": {}, "reply.short": {}, "reply.private": {}, "reply.none": {},
		"footer.change": {}, "footer.pause": {}, "footer.stop": {}, "footer.help": {},
		"footer.text.change": {}, "footer.text.stop": {}, "footer.text.help": {},

		"checkin.preheader": {variants: 13, outside: true}, "checkin.tip": {variants: 11},
		"checkin.ready": {}, "checkin.ready.text": {}, "checkin.ready.link": {}, "checkin.kept": {}, "checkin.long": {}, "checkin.round": {}, "checkin.round.all": {}, "checkin.again": {}, "checkin.again.all": {},
		"checkin.attachments": {plural: true}, "checkin.practice": {plural: true}, "checkin.question": {},

		"reminder.subject": {variants: 5, outside: true}, "reminder.preheader": {variants: 5, outside: true},
		"reminder.title": {}, "reminder.hidden": {}, "reminder.link": {}, "reminder.snooze": {},

		"promise.subject": {variants: 5, outside: true}, "promise.preheader": {variants: 5, outside: true},
		"promise.title": {}, "promise.title.past": {params: "date", needs: "date"},
		"promise.hidden": {}, "promise.hidden.past": {params: "date", needs: "date"},
		"promise.ask": {}, "promise.space": {}, "promise.reply": {}, "promise.link": {}, "promise.free": {},

		"digest.subject":   {params: "month next", variants: 11, outside: true},
		"digest.preheader": {params: "month next", variants: 5, outside: true},
		"digest.title":     {params: "month next"}, "digest.intro": {}, "digest.letters": {plural: true}, "digest.days": {plural: true},
		"digest.days.none": {params: "month next"}, "digest.late": {plural: true},
		"digest.moods": {}, "digest.moods.line": {params: "line", needs: "line"}, "digest.moods.day": {}, "digest.moods.mood": {},
		"digest.quotes": {}, "digest.lastyear": {params: "month next"}, "digest.promises": {},
		"digest.by": {params: "words date", needs: "words date"}, "digest.more": {},
		"digest.themes": {}, "digest.themes.more": {plural: true}, "digest.question": {params: "month next"}, "digest.question.from": {params: "title", needs: "title"}, "digest.question.spare": {params: "month next"},
		"digest.empty": {params: "month next"}, "digest.hidden": {params: "month next"}, "digest.link": {},

		"confirmation.subject": {outside: true, variants: anyNumber}, "confirmation.preheader": {outside: true, variants: anyNumber},
		"confirmation.title": {}, "confirmation.text": {params: "sender", needs: "sender"}, "confirmation.link": {},
		"confirmation.notme": {}, "confirmation.notme.link": {},

		"welcome.subject": {outside: true, variants: anyNumber}, "welcome.preheader": {outside: true, variants: anyNumber},
		"welcome.title": {}, "welcome.first": {params: "first rhythm", needs: "first rhythm"},
		"welcome.reply": {}, "welcome.rest": {}, "welcome.link": {},

		"signin.subject": {outside: true, variants: anyNumber}, "signin.preheader": {outside: true, variants: anyNumber},
		"signin.title": {}, "signin.text": {}, "signin.link": {}, "signin.unasked": {},
	}
	for _, state := range []string{"kept", "open", "coming"} {
		w["digest."+state] = want{params: "month next", plural: true}
		w["digest.heading."+state] = want{params: "month next"}
	}
	for _, name := range Notices {
		key := "notice." + name
		w[key+".subject"] = want{outside: true, variants: anyNumber}
		w[key+".preheader"] = want{outside: true, variants: anyNumber}
		w[key+".text"] = want{}
		w[key+".link"] = want{optional: true}
	}
	for _, name := range Housekeepings {
		w["housekeeping."+name], w["housekeeping."+name+".link"] = want{}, want{}
	}
	return w
}

// plurals says which of its plural forms (named as in Unicode's CLDR) a language uses for a number. A
// language needs an entry here before it can have a catalogue.
var plurals = map[string]pluralRule{
	"en": {[]string{"one", "other"}, func(n int) string {
		if n == 1 {
			return "one"
		}
		return "other"
	}},
}

type pluralRule struct {
	forms []string
	of    func(n int) string
}

func pluralsOf(tag string) pluralRule {
	if rule, ok := plurals[base(tag)]; ok {
		return rule
	}
	return plurals[fallback]
}

// base is the language of a tag without its region or script: "pt" of "pt-BR".
func base(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	return language
}

// LintCatalogue reads every catalogue of content/letters and finds what is missing, left over or wrong in it, with
// what to write instead. Nothing found means that [New] takes it; New itself looks only for what is
// missing or cannot be read, because a sender does so before its first letter.
func LintCatalogue(content fs.FS) []card.Finding {
	all, findings, err := readCatalogues(content)
	if err != nil {
		return []card.Finding{{File: folder, Message: err.Error()}}
	}
	for _, c := range all {
		findings = append(findings, c.check()...)
	}
	slices.SortStableFunc(findings, func(a, b card.Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line)
	})
	return findings
}

const folder = "letters"

// readCatalogues reads all of them, and finds what a letter would have to do without.
func readCatalogues(content fs.FS) (all []catalogue, findings []card.Finding, err error) {
	files, err := fs.Glob(content, folder+"/*.yaml")
	if err != nil {
		return nil, nil, fmt.Errorf("listing the letters' words: %w", err)
	}
	if !slices.Contains(files, folder+"/"+fallback+".yaml") {
		return nil, nil, fmt.Errorf("reading the letters' words: %s/%s.yaml is missing", folder, fallback)
	}
	for _, file := range files {
		text, err := fs.ReadFile(content, file)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the letters' words: %w", err)
		}
		words, found := parseCatalogue(file, string(text))
		findings = append(findings, found...)
		findings = append(findings, words.missing()...)
		all = append(all, words)
	}
	return all, findings, nil
}

// each goes over all messages that a letter may ask for, plural forms one by one.
func (c catalogue) each(visit func(key string, w want)) {
	for key, w := range wants() {
		if !w.plural {
			visit(key, w)
			continue
		}
		w.params += " n"
		for _, form := range pluralsOf(c.tag()).forms {
			visit(key+"."+form, w)
		}
	}
}

// missing finds what [language] could not do without: messages, and as many of them as it counts on.
func (c catalogue) missing() []card.Finding {
	var findings []card.Finding
	report := c.reporter(&findings)
	if _, ok := plurals[base(c.tag())]; !ok {
		report(0, "the program does not know the plural forms of %q yet: ask a programmer to add them to shared/letter/lint.go", c.tag())
	}
	c.each(func(key string, w want) {
		m, there := c.messages[key]
		switch n := len(m.variants); {
		case !there && !w.optional:
			report(0, "%s is missing: copy it from %s.yaml and write your words", key, fallback)
		case there && w.variants < 0 && n != -w.variants:
			report(m.line, "%s has %d lines: it needs %d", key, n, -w.variants)
		}
	})
	if m, ok := c.messages["quotes"]; ok && utf8.RuneCountInString(m.variants[0]) != 4 {
		report(m.line, "quotes is four characters: the double marks that open and close, then the single ones")
	}
	slices.SortFunc(findings, func(a, b card.Finding) int { return cmp.Or(a.Line-b.Line, cmp.Compare(a.Message, b.Message)) })
	return findings
}

// check finds what is left over or wrong in the messages that are there.
func (c catalogue) check() []card.Finding {
	var findings []card.Finding
	report := c.reporter(&findings)
	known := map[string]bool{}
	c.each(func(key string, w want) {
		known[key] = true
		if m, there := c.messages[key]; there {
			c.checkMessage(key, m, w, report)
		}
	})
	for key, m := range c.messages {
		if !known[key] {
			report(m.line, "%s is left over: no letter uses it. Take it out, or correct its name", key)
		}
	}
	if m, ok := c.messages["dir"]; ok && m.variants[0] != "ltr" && m.variants[0] != "rtl" {
		report(m.line, "dir is ltr or rtl")
	}
	return findings
}

func (c catalogue) reporter(findings *[]card.Finding) reporter {
	return func(line int, format string, args ...any) {
		*findings = append(*findings, card.Finding{File: c.file, Line: line, Column: min(line, 1), Message: fmt.Sprintf(format, args...)})
	}
}

// reporter takes a finding; line 0 is the file as a whole.
type reporter func(line int, format string, args ...any)

func (c catalogue) checkMessage(key string, m message, w want, report reporter) {
	switch n := len(m.variants); {
	case w.variants == anyNumber:
	case w.variants == 0 && n != 1:
		report(m.line, "%s has %d variants: it can have one", key, n)
	case w.variants > 0 && (n < w.variants || !isPrime(n) || n == 7):
		report(m.line, "%s has %d variants: it needs %d or more, and a prime number of them other than 7, so that letters in a row never get the same one, nor those of a week apart", key, n, w.variants)
	}
	seen := map[string]bool{}
	for _, words := range m.variants {
		if seen[words] {
			report(m.line, "%s has %q twice", key, words)
		}
		seen[words] = true
		used, stray := parameters(words)
		if stray {
			report(m.line, "%s has a { or } that belongs to no parameter", key)
		}
		for _, p := range used {
			if !slices.Contains(strings.Fields(w.params), p) {
				report(m.line, "%s has no parameter {%s}%s", key, p, offer(w.params))
			}
		}
		for need := range strings.FieldsSeq(w.needs) {
			if !slices.Contains(used, need) {
				report(m.line, "%s needs the parameter {%s} in %q", key, need, words)
			}
		}
		if strings.ContainsFunc(words, func(r rune) bool { return r != '\n' && plain(string(r)) == "" && r != ' ' }) {
			report(m.line, "%s has an invisible control character in it: write the words anew", key)
		}
		if w.outside {
			c.checkOutside(key, words, m.line, report)
		}
	}
}

// parameters lists the {names} in words; stray is a bracket that has no partner.
func parameters(words string) (names []string, stray bool) {
	for {
		before, after, ok := strings.Cut(words, "{")
		stray = stray || strings.Contains(before, "}")
		if !ok {
			return names, stray
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			return names, true
		}
		names, words = append(names, name), rest
	}
}

func offer(params string) string {
	if params == "" {
		return ": it takes none"
	}
	return ": it takes {" + strings.Join(strings.Fields(params), "}, {") + "}"
}

// checkOutside holds what is seen from outside to be short and discreet.
func (c catalogue) checkOutside(key, words string, line int, report reporter) {
	most := 50
	if strings.HasSuffix(key, ".preheader") {
		most = 90
	}
	if n := utf8.RuneCountInString(words); n > most {
		report(line, "%s: %q has %d characters; phones show %d", key, words, n, most)
	}
	if strings.ContainsAny(words, "*\n!") {
		report(line, "%s: %q is to be one plain line without * and !", key, words)
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return strings.ContainsRune(" .,:;?!’'\"()-", r) }) {
		for _, stem := range c.messages["indiscreet"].variants {
			if strings.HasPrefix(word, stem) {
				report(line, "%s: %q can be read on a locked screen and says %q: choose other words", key, words, word)
			}
		}
	}
}

func isPrime(n int) bool {
	for d := 2; d*d <= n; d++ {
		if n%d == 0 {
			return false
		}
	}
	return n > 1
}
