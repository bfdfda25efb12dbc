package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.org/mend/shared/person"
	"example.org/mend/shared/service"
)

// ExportSchema is the version of [Export]. It moves when a field changes its meaning or goes; new fields leave it as it is.
const ExportSchema = 1

// Export is /export.json: all that we hold of a person. Dates are YYYY-MM-DD in the person's zone, instants are RFC 3339
// in UTC, times of day are HH:MM. A field that does not apply is left out.
type Export struct {
	Schema        int                  `json:"schema"`
	Exported      time.Time            `json:"exported"`
	Person        ExportPerson         `json:"person"`
	Subscriptions []ExportSubscription `json:"subscriptions"`
	Replies       []ExportReply        `json:"replies"`  // oldest first
	Promises      []ExportPromise      `json:"promises"` //
	Letters       []ExportLetter       `json:"letters"`  // that were sent to you, oldest first; what they said is in your inbox
	Coming        []ExportComing       `json:"coming"`   // single letters that are still to be sent
	Monthly       ExportMonthly        `json:"monthly"`
}

// ExportPerson is the person themselves.
type ExportPerson struct {
	ID        person.ID        `json:"id"`
	Address   string           `json:"address"`
	Name      string           `json:"name,omitempty"`
	Status    person.Status    `json:"status"` // pending, active, stopped, suppressed
	Zone      string           `json:"zone"`   // IANA id
	Language  string           `json:"language"`
	Role      person.Role      `json:"role,omitempty"` // broke-trust, was-hurt, both
	Privacy   person.Privacy   `json:"privacy"`        // quotes, no-quotes, link-only
	Retention person.Retention `json:"retention"`      // for-good, 90-days, none
	NoContact bool             `json:"noContact"`
	Joined    time.Time        `json:"joined"`
	Stopped   *time.Time       `json:"stopped,omitempty"`
	Consent   ExportConsent    `json:"consent"`
}

// ExportConsent is what the person agreed to.
type ExportConsent struct {
	Text string    `json:"text"` // version of the words
	At   time.Time `json:"at"`
	How  string    `json:"how"`
}

// ExportMonthly is how the person wants the monthly letter.
type ExportMonthly struct {
	LastYear bool `json:"lastYear"` // it may show the same month a year ago
	Quiet    bool `json:"quiet"`    // none about a month that has nothing to show
}

// ExportSubscription is one series of letters.
type ExportSubscription struct {
	Number      uint8         `json:"number"`
	Kind        person.Kind   `json:"kind"`   // checkin, reminder, digest
	Status      person.Status `json:"status"` // pending, active, stopped, suppressed, off
	Path        string        `json:"path,omitempty"`
	Words       string        `json:"words,omitempty"` // of a reminder
	Cadence     ExportCadence `json:"cadence"`
	PausedUntil person.Date   `json:"pausedUntil,omitzero"`
	FirstDate   person.Date   `json:"firstDate,omitzero"`
	LastDate    person.Date   `json:"lastDate,omitzero"`
	Round       int           `json:"round,omitempty"` // how often all cards were sent
}

// ExportCadence is a rhythm; see [person.Cadence].
type ExportCadence struct {
	Kind   person.CadenceKind `json:"kind"`           // daily, weekly, monthly, by-weekday, yearly, once
	Days   []string           `json:"days,omitempty"` // Monday …
	Every  int                `json:"every,omitempty"`
	Day    int                `json:"day,omitempty"`
	Nth    int                `json:"nth,omitempty"`
	Month  int                `json:"month,omitempty"`
	Anchor person.Date        `json:"anchor,omitzero"`
	Time   string             `json:"time"`
	Zone   string             `json:"zone"`
}

// ExportReply is what the person wrote back to one letter.
type ExportReply struct {
	To          ExportLetterName `json:"to"` // the letter that it answers
	At          time.Time        `json:"at"`
	Date        person.Date      `json:"date"`
	Question    string           `json:"question,omitempty"` // what the letter had asked
	Words       string           `json:"words"`
	Answers     []person.Answer  `json:"answers,omitempty"`     // words beneath lines of ours, as pairs
	Mood        int              `json:"mood,omitempty"`        // 1 heavy to 5 light
	Attachments int              `json:"attachments,omitempty"` // counted, not kept
	Names       []string         `json:"attachmentNames,omitempty"`
	Flag        person.ReplyFlag `json:"flag,omitempty"` // unproven, quarantined
	Starred     bool             `json:"starred,omitempty"`
	Muted       bool             `json:"muted,omitempty"`
}

// ExportLetterName names a letter: its local date, and the subscription's number or the id of a letter that belongs to none.
type ExportLetterName struct {
	Date         person.Date  `json:"date"`
	Subscription uint8        `json:"subscription,omitempty"`
	OneOff       person.Thing `json:"oneOff,omitempty"`
}

// ExportPromise is something that the person said they would do.
type ExportPromise struct {
	ID     person.Thing        `json:"id"`
	Words  string              `json:"words"`
	Due    person.Date         `json:"due"`
	State  person.PromiseState `json:"state"` // open, kept, not-yet, let-go, resting
	Made   time.Time           `json:"made"`
	Closed *time.Time          `json:"closed,omitempty"`
}

// ExportLetter is the record of one letter to the person.
type ExportLetter struct {
	ExportLetterName
	Kind      person.Kind    `json:"kind"`
	Outcome   person.Outcome `json:"outcome"`        // accepted, failed, unknown, given-up, expired
	Card      int            `json:"card,omitempty"` // number of the card
	Question  string         `json:"question,omitempty"`
	At        time.Time      `json:"at"`
	Delivered *time.Time     `json:"delivered,omitempty"`
	MessageID string         `json:"messageId,omitempty"` // the mail service's
}

// ExportComing is a single letter that is still to be sent.
type ExportComing struct {
	ID      person.Thing `json:"id"`
	Kind    person.Kind  `json:"kind"`
	Due     time.Time    `json:"due"`
	Promise person.Thing `json:"promise,omitempty"`
	Words   string       `json:"words,omitempty"`
}

func exportOf(e service.Export, now time.Time) Export {
	p := e.Person
	out := Export{
		Schema: ExportSchema, Exported: now.UTC(),
		Person: ExportPerson{
			ID: p.ID, Address: p.Address.Mail(), Name: p.Name, Status: p.Status, Zone: p.Zone, Language: p.Locale, Role: p.Role,
			Privacy: p.Privacy, Retention: p.Retention, NoContact: p.NoContact, Joined: p.Created.UTC(), Stopped: instant(p.StoppedAt),
			Consent: ExportConsent{p.Consent.Text, p.Consent.At.UTC(), p.Consent.How},
		},
		Subscriptions: []ExportSubscription{}, Replies: []ExportReply{}, Promises: []ExportPromise{},
		Letters: []ExportLetter{}, Coming: []ExportComing{}, Monthly: ExportMonthly{e.Monthly.LastYear, e.Monthly.Quiet},
	}
	for _, s := range e.Subscriptions {
		out.Subscriptions = append(out.Subscriptions, ExportSubscription{
			Number: s.Number, Kind: s.Kind, Status: s.Status, Path: s.Path, Words: s.Words, Cadence: exportCadence(s.Cadence),
			PausedUntil: s.PausedUntil, FirstDate: s.FirstDate, LastDate: s.LastDate, Round: s.Round,
		})
	}
	for _, r := range e.Replies {
		out.Replies = append(out.Replies, ExportReply{
			To: ExportLetterName(r.Of), At: r.At.UTC(), Date: r.Date, Question: r.Question, Words: r.Words, Answers: r.Answers,
			Mood: r.Mood, Attachments: r.Attachments, Names: r.AttachmentNames, Flag: r.Flag, Starred: r.Starred, Muted: r.Muted,
		})
	}
	for _, p := range e.Promises {
		out.Promises = append(out.Promises, ExportPromise{p.ID, p.Words, p.Due, p.State, p.Made.UTC(), instant(p.Closed)})
	}
	for _, l := range e.Letters {
		out.Letters = append(out.Letters, ExportLetter{
			ExportLetterName(l.Of), l.Kind, l.Outcome, l.Card, l.Question, l.At.UTC(), instant(l.Delivered), l.MessageID,
		})
	}
	for _, o := range e.OneOffs {
		out.Coming = append(out.Coming, ExportComing{o.ID, o.Kind, o.Due.UTC(), o.Promise, o.Words})
	}
	return out
}

func exportCadence(c person.Cadence) ExportCadence {
	out := ExportCadence{
		Kind: c.Kind, Every: c.Every, Day: c.Day, Nth: c.Nth, Month: int(c.Month), Anchor: c.Anchor, Time: c.Time.String(), Zone: c.Zone,
	}
	for _, d := range c.Days.List() {
		out.Days = append(out.Days, d.String())
	}
	return out
}

// instant is t in UTC, or nothing for the zero time.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// export reads everything for the two files. No letter tells of it: they are fetched by GET, which changes nothing.
func (h *Handler) export(r *http.Request) (service.Export, error) {
	a, err := h.session(r)
	if err != nil {
		return service.Export{}, err
	}
	return h.svc.Export(r.Context(), a)
}

// attach makes a browser save what follows. The name says nothing of what it is about.
func (h *Handler) attach(w http.ResponseWriter, mediaType, ext string) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Disposition", `attachment; filename="letters-`+person.DateOf(h.svc.Now().UTC()).String()+ext+`"`)
}

func (h *Handler) exportJSON(w http.ResponseWriter, r *http.Request) error {
	all, err := h.export(r)
	if err != nil {
		return err
	}
	h.attach(w, "application/json", ".json")
	to := json.NewEncoder(w)
	to.SetIndent("", "  ")
	return to.Encode(exportOf(all, h.svc.Now()))
}

// exportMarkdown is the same for people: every record that the JSON has, in words where there are words (CommonMark 0.31). What somebody wrote
// stands in quotations, with whatever Markdown or HTML would take for its own escaped.
func (h *Handler) exportMarkdown(w http.ResponseWriter, r *http.Request) error {
	all, err := h.export(r)
	if err != nil {
		return err
	}
	h.attach(w, "text/markdown; charset=utf-8", ".md")
	_, err = w.Write([]byte(markdownOf(exportOf(all, h.svc.Now()))))
	return err
}

func markdownOf(e Export) string {
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
		line("### %s\n", dateInWords(r.Date))
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
		line("- %s: %s", l.ExportLetterName, escapeMarkdown(strings.Join(notEmpty(
			string(l.Kind), string(l.Outcome), l.At.Format(time.RFC3339), delivered, number("card", l.Card), l.Question, l.MessageID), ", ")))
	}
	line("\n## Letters to come, beside the above\n")
	for _, o := range e.Coming {
		line("- %s: %s, %s", o.Due.Format(time.RFC3339), o.Kind, strings.Join(notEmpty(string(o.ID), string(o.Promise)), ", "))
		if o.Words != "" {
			line("\n%s", quoted(o.Words))
		}
	}
	return b.String()
}

// String is the letter's date and number or id.
func (n ExportLetterName) String() string {
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
