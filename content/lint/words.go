package lint

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"example.org/mend/content"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
)

// WordsFolder has a file for each language that letters are written in.
const WordsFolder = "letters"

// English is the language of people whose own has no file.
const English = "en"

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
		"footer.change": {}, "footer.pause": {}, "footer.stop": {}, "footer.help": {}, "footer.night": {},
		"footer.text.change": {}, "footer.text.stop": {}, "footer.text.help": {}, "footer.text.night": {},

		"checkin.preheader": {variants: 13, outside: true}, "checkin.tip": {variants: 11},
		"checkin.ready": {}, "checkin.ready.text": {}, "checkin.ready.link": {}, "checkin.kept": {}, "checkin.long": {}, "checkin.round": {}, "checkin.heavy": {},
		"checkin.attachments": {plural: true}, "checkin.practice": {plural: true}, "checkin.where": {},
		"checkin.before": {params: "point", needs: "point"}, "checkin.before.week": {params: "point", needs: "point"},
		"checkin.step":   {params: "step of part", needs: "step of part"},
		"checkin.count":  {params: "step of", needs: "step of", outside: true},
		"checkin.didyou": {}, "checkin.how": {}, "checkin.how.title": {},

		"lookback.title": {params: "part", needs: "part"}, "lookback.text": {params: "step of", needs: "step"}, "lookback.journal": {},
		"lookback.next": {}, "lookback.changed": {}, "lookback.link": {}, "lookback.nothing": {}, "lookback.question": {},
		"closing.title": {}, "closing.text": {params: "step of"}, "closing.next": {}, "closing.nothing": {}, "closing.question": {},

		"reminder.subject": {variants: 5, outside: true}, "reminder.preheader": {variants: 5, outside: true},
		"reminder.title": {}, "reminder.hidden": {}, "reminder.link": {}, "reminder.snooze": {},

		"promise.subject": {variants: 5, outside: true}, "promise.preheader": {variants: 5, outside: true},
		"promise.title": {}, "promise.title.past": {params: "date", needs: "date"},
		"promise.hidden": {}, "promise.hidden.past": {params: "date", needs: "date"},
		"promise.ask": {}, "promise.space": {}, "promise.reply": {}, "promise.link": {}, "promise.free": {},

		"digest.subject":   {params: "month next", needs: "month", outside: true},
		"digest.preheader": {params: "month next", variants: 5, outside: true},
		"digest.title":     {params: "month next"}, "digest.intro": {}, "digest.letters": {plural: true}, "digest.days": {plural: true},
		"digest.days.none": {params: "month next"},
		"digest.moods":     {}, "digest.moods.line": {},
		"digest.quotes": {}, "digest.lastyear": {params: "month next"}, "digest.promises": {},
		"digest.by": {params: "words date", needs: "words date"}, "digest.more": {},
		"digest.points":   {},
		"digest.question": {}, "digest.questions": {params: "month next", variants: anyNumber},
		"digest.empty": {params: "month next"}, "digest.hidden": {params: "month next"}, "digest.link": {},

		"confirmation.subject": {outside: true, variants: anyNumber}, "confirmation.preheader": {outside: true, variants: anyNumber},
		"confirmation.title": {params: "sender", needs: "sender"}, "confirmation.text": {params: "sender", needs: "sender"}, "confirmation.link": {},
		"confirmation.notme": {}, "confirmation.notme.link": {},

		"welcome.subject": {outside: true, variants: anyNumber}, "welcome.preheader": {outside: true, variants: anyNumber},
		"welcome.title": {}, "welcome.first": {params: "first rhythm", needs: "first rhythm"},
		"welcome.reply": {}, "welcome.rest": {}, "welcome.link": {},

		"signin.subject": {outside: true, variants: anyNumber}, "signin.preheader": {outside: true, variants: anyNumber},
		"signin.title": {}, "signin.text": {}, "signin.link": {}, "signin.unasked": {},

		"mute.link": {},
	}
	for _, state := range []string{"kept", "open", "coming"} {
		w["digest."+state] = want{params: "month next", plural: true}
		w["digest.heading."+state] = want{params: "month next"}
	}
	for _, name := range letter.Notices {
		key := "notice." + name
		w[key+".subject"] = want{outside: true, variants: anyNumber}
		w[key+".preheader"] = want{outside: true, variants: anyNumber}
		w[key+".text"] = want{}
		w[key+".link"] = want{optional: true}
		w[key+".button"] = want{optional: true}
	}
	for name, params := range map[string]string{
		"paused": "until", "resumed": "next rhythm", "skipped": "next", "settings-changed": "next rhythm", "order-unclear": "next rhythm",
	} {
		w["notice."+name+".text"] = want{params: params, needs: params}
	}
	for _, name := range letter.Housekeepings {
		w["housekeeping."+name], w["housekeeping."+name+".link"] = want{}, want{}
	}
	return w
}

// catalogue is the file of one language.
type catalogue struct {
	file     string
	messages map[string]message
	order    []string // of the keys
}

type message struct {
	variants []string
	line     int
}

// tag is the language's BCP 47 tag, the file's name.
func (c catalogue) tag() string { return strings.TrimSuffix(path.Base(c.file), ".yaml") }

// readCatalogues reads the words of all languages.
func readCatalogues(fsys fs.FS) (all []catalogue, findings []Finding) {
	files, err := fs.Glob(fsys, WordsFolder+"/*.yaml")
	if err != nil || !slices.Contains(files, WordsFolder+"/"+English+".yaml") {
		return nil, []Finding{{File: WordsFolder, Message: English + ".yaml is missing: every letter needs it"}}
	}
	for _, file := range files {
		c := catalogue{file: file, messages: map[string]message{}}
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, []Finding{{File: file, Message: err.Error()}}
		}
		findings = append(findings, c.read(raw)...)
		all = append(all, c)
	}
	return all, findings
}

// read reads keys with words, or with a list of them.
func (c *catalogue) read(raw []byte) []Finding {
	var findings []Finding
	report := c.reporter(&findings)
	if !utf8.Valid(raw) {
		report(0, "the file is not UTF-8: save it as UTF-8 in your editor")
		return findings
	}
	file, err := parser.ParseBytes(raw, 0)
	if err != nil {
		line := 1
		var y yaml.Error
		if errors.As(err, &y) && y.GetToken() != nil {
			line = y.GetToken().Position.Line
		}
		report(line, "this is not YAML (%s): write \"key: words\", with quotation marks around words that have a colon or a # in them, "+
			"and words of several lines two spaces in", reason(err))
		return findings
	}
	body, ok := file.Docs[0].Body.(*ast.MappingNode)
	if !ok {
		report(1, "write \"key: words\" on each line")
		return findings
	}
	for _, v := range body.Values {
		key, m := v.Key.GetToken().Value, message{line: v.Key.GetToken().Position.Line}
		if _, list := v.Value.(*ast.SequenceNode); list {
			err = yaml.NodeToValue(v.Value, &m.variants)
		} else {
			var one string
			err = yaml.NodeToValue(v.Value, &one)
			m.variants = []string{strings.TrimSuffix(one, "\n")}
		}
		if err != nil || len(m.variants) == 0 || slices.Contains(m.variants, "") {
			report(m.line, "%s: there are no words here: write some after the colon, or a list of them", key)
			continue
		}
		c.messages[key] = m
		c.order = append(c.order, key)
	}
	return findings
}

// words checks every language.
func lintWords(fsys fs.FS) []Finding {
	all, findings := readCatalogues(fsys)
	for _, c := range all {
		findings = append(findings, c.missing()...)
		findings = append(findings, c.check()...)
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line) })
	return findings
}

// Languages reads the words of all languages. It fails where a letter would have to do without some.
func Languages(fsys fs.FS) ([]content.Language, error) {
	all, findings := readCatalogues(fsys)
	var languages []content.Language
	for _, c := range all {
		findings = append(findings, c.missing()...)
		l := content.Language{Tag: c.tag()}
		for _, key := range c.order {
			l.Messages = append(l.Messages, content.Message{Key: key, Variants: c.messages[key].variants})
		}
		languages = append(languages, l)
	}
	if len(findings) > 0 {
		return nil, fmt.Errorf("reading the words of letters: %w", findings[0])
	}
	return languages, nil
}

// each goes over all messages that a letter may ask for, plural forms one by one.
func (c catalogue) each(visit func(key string, w want)) {
	for key, w := range wants() {
		if !w.plural {
			visit(key, w)
			continue
		}
		w.params += " n"
		forms, known := letter.PluralForms(c.tag())
		if !known {
			forms, _ = letter.PluralForms(English)
		}
		for _, form := range forms {
			visit(key+"."+form, w)
		}
	}
}

// missing finds what letters could not do without: messages, and as many of them as it counts on.
func (c catalogue) missing() []Finding {
	var findings []Finding
	report := c.reporter(&findings)
	if _, ok := letter.PluralForms(c.tag()); !ok {
		report(0, "the program does not know the plural forms of %q yet: ask a programmer to add them to shared/letter/plural.go", c.tag())
	}
	c.each(func(key string, w want) {
		m, there := c.messages[key]
		switch n := len(m.variants); {
		case !there && !w.optional:
			report(0, "%s is missing: copy it from %s.yaml and write your words", key, English)
		case there && w.variants < 0 && n != -w.variants:
			report(m.line, "%s has %d lines: it needs %d", key, n, -w.variants)
		}
	})
	if m, ok := c.messages["quotes"]; ok && utf8.RuneCountInString(m.variants[0]) != 4 {
		report(m.line, "quotes is four characters: the double marks that open and close, then the single ones")
	}
	slices.SortFunc(findings, func(a, b Finding) int { return cmp.Or(a.Line-b.Line, cmp.Compare(a.Message, b.Message)) })
	return findings
}

// check finds what is left over or wrong in the messages that are there.
func (c catalogue) check() []Finding {
	var findings []Finding
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
	for _, cover := range mend.Covers {
		c.checkOutside("a cover name", cover, 0, report)
	}
	if m, ok := c.messages["dir"]; ok && m.variants[0] != "ltr" && m.variants[0] != "rtl" {
		report(m.line, "dir is ltr or rtl")
	}
	return findings
}

func (c catalogue) reporter(findings *[]Finding) reporter {
	return func(line int, format string, args ...any) {
		*findings = append(*findings, Finding{File: c.file, Line: line, Column: min(line, 1), Message: fmt.Sprintf(format, args...)})
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
		if strings.ContainsFunc(words, invisible) {
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

// invisible reports a character that no one sees and that can change how a line reads.
func invisible(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF')
}
