package export

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"text/template"
	"time"
	"unicode"

	"example.org/mend/shared/mend"
)

// The Markdown is the same copy for people: every record that the JSON has (CommonMark 0.31). What
// someone wrote stands in quotations, with what Markdown or HTML would take for its own escaped.

//go:embed markdown.tmpl
var markdownSource string

var markdownTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("markdown").Funcs(template.FuncMap{
		"item": item, "escape": escapeMarkdown, "quote": quoted, "listed": listed, "named": named, "yesNo": yesNo,
		"instant": instant,
		"address": func(mail string) string { return strings.ReplaceAll(escapeMarkdown(mail), `\@`, "@") },
		"onHold":  func(why mend.HoldReason) string { return onHold(why, mend.Date{}) },
		"inWords": mend.Date.InWords,
	}).Parse(markdownSource))
})

// item is a line of a list; nothing for what is empty.
func item(name string, value any) string {
	switch v := value.(type) {
	case bool:
		value = yesNo(v)
	case time.Time:
		value = instant(v)
	}
	if text := fmt.Sprint(value); text != "" {
		return "- " + name + ": " + escapeMarkdown(text) + "\n"
	}
	return ""
}

// Details is what the copy says of a subscription beside its kind.
func (s Subscription) Details() string {
	return listed(s.Path, s.Cadence.Details(), named("paused until", s.PausedUntil), onHold(s.OnHold, s.PausedUntil),
		named("first", s.FirstDate), named("last", s.LastDate), named("round", s.Round))
}

// Details is a cadence in one line.
func (c Cadence) Details() string {
	return listed(c.Kind, strings.Join(c.Days, " "), named("every", c.Every), named("day", c.Day),
		named("nth", c.Nth), named("month", c.Month), named("from", c.Anchor), c.Time, c.Zone)
}

// Marks is what the copy says below the words of a reply.
func (r Reply) Marks() string {
	marks := []any{named("mood", r.Mood), named("attachments, not kept:", r.Attachments),
		escapeMarkdown(strings.Join(r.Names, ", ")), r.Flag}
	if r.Starred {
		marks = append(marks, "starred")
	}
	if r.Muted {
		marks = append(marks, "muted")
	}
	return listed(marks...)
}

// Details is what the copy says of a letter.
func (l Letter) Details() string {
	return listed(l.Kind, l.Outcome, instant(l.At), named("delivered", instant(l.Delivered)), named("card", l.Card),
		l.Question, l.MessageID)
}

// String is the letter's date and number or id.
func (n LetterName) String() string {
	if n.Subscription != 0 {
		return fmt.Sprintf("%s, number %d", n.Date, n.Subscription)
	}
	return fmt.Sprintf("%s, %s", n.Date, n.OneOff)
}

// onHold says that something waits for the person, and why; "" for what does not, or
// waits for a day.
func onHold(why mend.HoldReason, until mend.Date) string {
	if why == "" || !until.IsZero() {
		return ""
	}
	return "on hold (" + string(why) + ")"
}

// listed joins the texts that are not empty.
func listed(all ...any) string {
	var some []string
	for _, one := range all {
		if text := fmt.Sprint(one); text != "" {
			some = append(some, text)
		}
	}
	return strings.Join(some, ", ")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// named is a number or a date with its name; "" for none.
func named(name string, value any) string {
	if text := fmt.Sprint(value); text != "" && text != "0" {
		return name + " " + text
	}
	return ""
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// escapeMarkdown makes one line of text stand for itself: every ASCII mark of punctuation may be
// escaped (CommonMark 0.31, section 2.4), and these would mean something, to GitHub's dialect too.
// Controls go, and so do those characters that turn the direction of what comes after the words;
// the JSON has them.
func escapeMarkdown(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) || '\u202a' <= r && r <= '\u202e' ||
			'\u2066' <= r && r <= '\u2069' {
			return -1
		}
		return r
	}, s)
	return markdownMarks.Replace(strings.Join(strings.Fields(s), " "))
}

var markdownMarks = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`,
	`<`, `\<`, `>`, `\>`, `#`, `\#`, `@`, `\@`, `://`, `\://`, `www.`, `www\.`, `&`, `\&`, `~`, `\~`, `|`, `\|`,
)

// quoted is words as a quotation whose lines stay lines.
func quoted(words string) string {
	var b strings.Builder
	lines := strings.Split(strings.TrimSpace(words), "\n")
	for i, line := range lines {
		line = opensABlock.ReplaceAllString(escapeMarkdown(line), `$1\$2$3`)
		end := "\n"
		if line != "" && i+1 < len(lines) && strings.TrimSpace(lines[i+1]) != "" {
			end = "\\\n" // a hard line break
		}
		b.WriteString(strings.TrimSpace("> "+line) + end)
	}
	return b.String()
}

// opensABlock is what would begin a list, a heading or a rule, but for the marks that are escaped
// everywhere.
var opensABlock = regexp.MustCompile(`^(\d+)([.)])|^([-+=])`)
