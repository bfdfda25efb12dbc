package export

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// markdown is the same for people: every record that the JSON has (CommonMark 0.31). What someone wrote
// stands in quotations, with what Markdown or HTML would take for its own escaped.
type markdown struct {
	out     bytes.Buffer
	section string
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.out, format+"\n", args...) }

func (m *markdown) item(name string, value any) {
	if text := fmt.Sprint(value); text != "" {
		m.line("- %s: %s", name, escapeMarkdown(text))
	}
}

func (m *markdown) under(section string) {
	if m.section != section {
		m.section = section
		m.line("\n## %s\n", section)
	}
}

func (m *markdown) head(h Head) {
	p := h.Person
	m.line("# Your letters and what you wrote\n\nWritten out on %s.", h.Exported.Format(time.RFC3339))
	m.under("You")
	m.item("Id", p.ID)
	m.line("- Address: %s", strings.ReplaceAll(escapeMarkdown(p.Address), `\@`, "@"))
	m.item("Name", p.Name)
	m.item("Status", p.Status)
	m.item("Time zone", p.Zone)
	m.item("Language", p.Language)
	m.item("Role", p.Role)
	m.item("Privacy", p.Privacy)
	m.item("Words are kept", p.Retention)
	m.item("No contact", yesNo(p.NoContact))
	m.item("Joined", p.Joined.Format(time.RFC3339))
	if p.Stopped != nil {
		m.item("Stopped", p.Stopped.Format(time.RFC3339))
	}
	m.item("Agreed to", fmt.Sprintf("text %s, %s, %s", p.Consent.Text, p.Consent.At.Format(time.RFC3339), p.Consent.How))

	m.under("What comes when")
	for _, s := range h.Subscriptions {
		m.line("- %d, %s, %s: %s", s.Number, s.Kind, s.Status, escapeMarkdown(strings.Join(notEmpty(
			s.Path, s.Cadence.words(), dated("paused until", s.PausedUntil), onHold(s.OnHold, s.PausedUntil), dated("first", s.FirstDate), dated("last", s.LastDate), number("round", s.Round),
		), ", ")))
		if s.Words != "" {
			m.line("\n%s", quoted(s.Words))
		}
	}
	m.item("The monthly letter shows the same month of last year", yesNo(h.Monthly.LastYear))
	m.item("It is left out after a quiet month", yesNo(h.Monthly.Quiet))

	m.under("Letters to come, beside the above")
	for _, o := range h.Coming {
		m.line("- %s: %s, %s", o.Due.Format(time.RFC3339), o.Kind, strings.Join(notEmpty(string(o.ID), string(o.Promise), number("reminder", int(o.Reminder))), ", "))
	}
	if a := h.Asked; a != nil {
		m.under("Asked for with the form, and waiting for a yes")
		m.item("On", a.At.Format(time.RFC3339))
		m.item("Name", a.Name)
		m.item("Path", a.Path)
		m.item("Privacy", a.Privacy)
		m.item("When", a.Cadence.words())
		m.item("Monthly letter", yesNo(a.Monthly)+number(", on day", a.Day))
		m.item("No contact", yesNo(a.NoContact))
	}
}

func (m *markdown) record(r account.Record) {
	switch {
	case r.Reply != nil:
		m.reply(replyOf(*r.Reply))
	case r.Promise != nil:
		m.promise(promiseOf(*r.Promise))
	case r.Letter != nil:
		m.letter(letterOf(*r.Letter))
	}
}

func (m *markdown) reply(r Reply) {
	m.under("What you wrote")
	m.line("### %s\n", inWords(r.Date))
	m.line("%s, in answer to %s.\n", r.At.Format(time.RFC3339), r.To)
	if r.Question != "" {
		m.line("*%s*\n", escapeMarkdown(r.Question))
	}
	if r.Words != "" {
		m.line("%s", quoted(r.Words))
	}
	for _, a := range r.Answers {
		m.line("*%s*\n\n%s", escapeMarkdown(a.Question), quoted(a.Words))
	}
	marks := notEmpty(number("mood", r.Mood), number("attachments, not kept:", r.Attachments),
		escapeMarkdown(strings.Join(r.Names, ", ")), string(r.Flag))
	if r.Starred {
		marks = append(marks, "starred")
	}
	if r.Muted {
		marks = append(marks, "muted")
	}
	if len(marks) > 0 {
		m.line("(%s)\n", strings.Join(marks, ", "))
	}
}

// onHold says that something waits for the person, and why; "" for what does not, or waits for a day.
func onHold(why mend.HoldReason, until mend.Date) string {
	if why == "" || !until.IsZero() {
		return ""
	}
	return "on hold (" + string(why) + ")"
}

func (m *markdown) promise(p Promise) {
	m.under("What you said that you would do")
	closed := ""
	if p.Closed != nil {
		closed = ", answered " + p.Closed.Format(time.RFC3339)
	}
	state := strings.Join(notEmpty(string(p.State), onHold(p.OnHold, mend.Date{})), ", ")
	m.line("- By %s, %s (%s, made %s%s):\n\n%s", p.Due, state, p.ID, p.Made.Format(time.RFC3339), closed, quoted(p.Words))
}

func (m *markdown) letter(l Letter) {
	m.under("Letters to you")
	delivered := ""
	if l.Delivered != nil {
		delivered = "delivered " + l.Delivered.Format(time.RFC3339)
	}
	m.line("- %s: %s", l.LetterName, escapeMarkdown(strings.Join(notEmpty(
		string(l.Kind), string(l.Outcome), l.At.Format(time.RFC3339), delivered, number("card", l.Card), l.Question,
		l.MessageID), ", ")))
}

func (m *markdown) end(next string) {
	if next != "" {
		m.under("This goes on")
		m.line("There is more than fits into one file. Your journal leads to the next part; it begins after %s.",
			escapeMarkdown(next))
	}
}

func (c Cadence) words() string {
	return strings.Join(notEmpty(
		string(c.Kind), strings.Join(c.Days, " "), number("every", c.Every), number("day", c.Day), number("nth", c.Nth),
		number("month", c.Month), dated("from", c.Anchor), c.Time, c.Zone), ", ")
}

// String is the letter's date and number or id.
func (n LetterName) String() string {
	if n.Subscription != 0 {
		return fmt.Sprintf("%s, number %d", n.Date, n.Subscription)
	}
	return fmt.Sprintf("%s, %s", n.Date, n.OneOff)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func number(name string, n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s %d", name, n)
}

func dated(name string, d mend.Date) string {
	if d.IsZero() {
		return ""
	}
	return name + " " + d.String()
}

func notEmpty(all ...string) []string {
	var some []string
	for _, s := range all {
		if s != "" {
			some = append(some, s)
		}
	}
	return some
}

// escapeMarkdown makes one line of text stand for itself: every ASCII mark of punctuation may be
// escaped (CommonMark 0.31, section 2.4), and these would mean something, to GitHub's dialect too.
// Controls go, and so do those characters that turn the direction of what comes after the words;
// the JSON has them.
func escapeMarkdown(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' {
			return -1
		}
		return r
	}, s)
	return markdownMarks.Replace(strings.Join(strings.Fields(s), " "))
}

var markdownMarks = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`, `#`, `\#`, `@`, `\@`, `://`, `\://`, `www.`, `www\.`, `&`, `\&`, `~`, `\~`, `|`, `\|`,
)

// quoted is words as a quotation whose lines stay lines.
func quoted(words string) string {
	var b strings.Builder
	lines := strings.Split(strings.TrimSpace(words), "\n")
	for i, l := range lines {
		l = escapeMarkdown(l)
		if l != "" && strings.ContainsAny(l[:1], "-+=0123456789") { // would begin a list, a heading or a rule
			l = "&#" + fmt.Sprint(l[0]) + ";" + l[1:]
		}
		end := "\n"
		if l != "" && i+1 < len(lines) && strings.TrimSpace(lines[i+1]) != "" {
			end = "\\\n" // a hard line break
		}
		b.WriteString(strings.TrimSpace("> "+l) + end)
	}
	return b.String()
}

// inWords is "Monday 2 March 2026".
func inWords(d mend.Date) string {
	return fmt.Sprintf("%s %d %s %d", d.Weekday(), d.Day, d.Month, d.Year)
}
