package export

import (
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/mend/shared/person"
)

// WriteMarkdown writes the same for people: every record that the JSON has, in words where there are words (CommonMark 0.31). What
// somebody wrote stands in quotations, with whatever Markdown or HTML would take for its own escaped.
func (e Everything) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	item := func(name string, value any) {
		if text := fmt.Sprint(value); text != "" {
			line("- %s: %s", name, escapeMarkdown(text))
		}
	}
	p := e.Person
	line("# Your letters and what you wrote\n\nWritten out on %s.\n\n## You\n", e.Exported.Format(time.RFC3339))
	item("Id", p.ID)
	item("Address", p.Address)
	item("Name", p.Name)
	item("Status", p.Status)
	item("Time zone", p.Zone)
	item("Language", p.Language)
	item("Role", p.Role)
	item("Privacy", p.Privacy)
	item("Words are kept", p.Retention)
	item("No contact", yesNo(p.NoContact))
	item("Joined", p.Joined.Format(time.RFC3339))
	if p.Stopped != nil {
		item("Stopped", p.Stopped.Format(time.RFC3339))
	}
	item("Agreed to", fmt.Sprintf("text %s, %s, %s", p.Consent.Text, p.Consent.At.Format(time.RFC3339), p.Consent.How))

	line("\n## What comes when\n")
	for _, s := range e.Subscriptions {
		c := s.Cadence
		line("- %d, %s, %s: %s", s.Number, s.Kind, s.Status, escapeMarkdown(strings.Join(notEmpty(
			s.Path, string(c.Kind), strings.Join(c.Days, " "), number("every", c.Every), number("day", c.Day), number("nth", c.Nth),
			number("month", c.Month), dated("from", c.Anchor), c.Time, c.Zone,
			dated("paused until", s.PausedUntil), dated("first", s.FirstDate), dated("last", s.LastDate), number("round", s.Round),
		), ", ")))
		if s.Words != "" {
			line("\n%s", quoted(s.Words))
		}
	}

	item("The monthly letter shows the same month of last year", yesNo(e.Monthly.LastYear))
	item("It is left out after a quiet month", yesNo(e.Monthly.Quiet))

	line("\n## What you wrote\n")
	for _, r := range e.Replies {
		line("### %s\n", inWords(r.Date))
		line("%s, in answer to %s.\n", r.At.Format(time.RFC3339), r.To)
		if r.Question != "" {
			line("*%s*\n", escapeMarkdown(r.Question))
		}
		if r.Words != "" {
			line("%s", quoted(r.Words))
		}
		for _, a := range r.Answers {
			line("*%s*\n\n%s", escapeMarkdown(a.Question), quoted(a.Words))
		}
		marks := notEmpty(number("mood", r.Mood), number("attachments, not kept:", r.Attachments), escapeMarkdown(strings.Join(r.Names, ", ")), string(r.Flag))
		if r.Starred {
			marks = append(marks, "starred")
		}
		if r.Muted {
			marks = append(marks, "muted")
		}
		if len(marks) > 0 {
			line("(%s)\n", strings.Join(marks, ", "))
		}
	}

	line("## What you said that you would do\n")
	for _, p := range e.Promises {
		closed := ""
		if p.Closed != nil {
			closed = ", answered " + p.Closed.Format(time.RFC3339)
		}
		line("- By %s, %s (%s, made %s%s):\n\n%s", p.Due, p.State, p.ID, p.Made.Format(time.RFC3339), closed, quoted(p.Words))
	}

	line("## Letters to you\n")
	for _, l := range e.Letters {
		delivered := ""
		if l.Delivered != nil {
			delivered = "delivered " + l.Delivered.Format(time.RFC3339)
		}
		line("- %s: %s", l.LetterName, escapeMarkdown(strings.Join(notEmpty(
			string(l.Kind), string(l.Outcome), l.At.Format(time.RFC3339), delivered, number("card", l.Card), l.Question, l.MessageID), ", ")))
	}
	line("\n## Letters to come, beside the above\n")
	for _, o := range e.Coming {
		line("- %s: %s, %s", o.Due.Format(time.RFC3339), o.Kind, strings.Join(notEmpty(string(o.ID), string(o.Promise), number("reminder", int(o.Reminder))), ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
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

func dated(name string, d person.Date) string {
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

// escapeMarkdown makes one line of text stand for itself: every ASCII mark of punctuation may be escaped (CommonMark 0.31,
// section 2.4), and these would mean something.
func escapeMarkdown(s string) string {
	return markdownMarks.Replace(strings.Join(strings.Fields(s), " "))
}

var markdownMarks = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`, `#`, `\#`, `&`, `\&`, `~`, `\~`, `|`, `\|`,
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
func inWords(d person.Date) string {
	return fmt.Sprintf("%s %d %s %d", d.Weekday(), d.Day, d.Month, d.Year)
}
