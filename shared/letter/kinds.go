package letter

import (
	"errors"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"example.org/mend/shared/digest"
	"example.org/mend/shared/person"
)

var (
	errBody   = errors.New("this is not a body that letters can have")
	errNoCard = errors.New("the check-in has no card")
	errName   = errors.New("the catalogue has no message of this name")
)

// write writes the whole letter and returns its subject.
func (l *language) write(s *sheet, h Head, b Body) (subject string, err error) {
	for _, url := range urls(b) {
		if !isURL(url) {
			return "", errURL
		}
	}
	n := turn(h)
	kind := string(b.Kind())
	begin := func(name string, params ...string) {
		subject = l.nth(kind+".subject", n, params...)
		l.open(s, name, subject, l.nth(kind+".preheader", n, params...))
	}
	switch b := b.(type) {
	case CheckIn:
		if b.Card == nil {
			return "", errNoCard
		}
		if b.Housekeeping.Name != "" && !slices.Contains(Housekeepings, b.Housekeeping.Name) {
			return "", errName
		}
		begin(h.Name)
		l.checkIn(s, h, b, n)
	case Reminder:
		begin(h.Name)
		l.reminder(s, h, b)
	case Promise:
		begin(h.Name)
		l.promise(s, h, b)
	case Digest:
		month := b.Month.First
		begin(h.Name, "month", l.month(month), "next", l.month(next(month)))
		l.digest(s, h, b.Month)
	case Confirmation:
		begin("")
		s.write(
			l.title(l.one("confirmation.title")),
			l.paragraph(l.one("confirmation.text", "sender", l.sender)),
			l.button(l.one("confirmation.link"), b.ConfirmURL),
			l.fine(l.one("confirmation.notme")),
			l.fineLink(l.one("confirmation.notme.link"), b.NotMeURL),
		)
		s.add(l.noReply)
	case Welcome:
		begin(h.Name)
		s.write(
			l.title(l.one("welcome.title")),
			l.paragraph(l.one("welcome.first", "first", b.First, "rhythm", b.Rhythm)),
			l.paragraph(l.one("welcome.reply")),
			l.paragraph(l.one("welcome.rest")),
		)
		if h.Preferences != "" {
			s.write(l.link(l.one("welcome.link"), h.Preferences))
		}
		l.sayReply(s, h)
	case SignIn:
		begin(h.Name)
		s.write(
			l.title(l.one("signin.title")),
			l.paragraph(l.one("signin.text")),
			l.button(l.one("signin.link"), b.URL),
			l.fine(l.one("signin.unasked")),
		)
		s.add(l.noReply)
	case Notice:
		if !slices.Contains(Notices, b.Name) {
			return "", errName
		}
		kind = "notice." + b.Name
		begin(h.Name)
		s.write(l.title(subject), l.paragraph(l.one(kind+".text")))
		if label, ok := l.messages[kind+".link"]; ok && b.URL != "" {
			s.write(l.link(label.variants[0], b.URL))
		}
		l.sayReply(s, h)
	default:
		return "", errBody
	}
	l.close(s, h)
	return subject, nil
}

// urls is the links that a body must have, or has.
func urls(b Body) []string {
	optional := func(url string) []string {
		if url == "" {
			return nil
		}
		return []string{url}
	}
	switch b := b.(type) {
	case CheckIn:
		if b.Housekeeping.Name != "" {
			return []string{b.Housekeeping.URL}
		}
	case Reminder:
		return optional(b.URL)
	case Promise:
		return optional(b.AnswerURL)
	case Confirmation:
		return []string{b.ConfirmURL, b.NotMeURL}
	case SignIn:
		return []string{b.URL}
	case Notice:
		return optional(b.URL)
	}
	return nil
}

// turn chooses among variants. It moves by one a day, from a start of each address's own, so that letters in a
// row never share a subject (mail clients would put them into one thread), whichever the cadence: the linter
// wants the number of variants to be prime, so that no week or month is a multiple of it.
func turn(h Head) uint {
	start := fnv.New32a()
	start.Write([]byte(h.To.Key()))
	return uint(start.Sum32()%1_000_003) + uint(person.DateOf(h.At).Days())
}

func (l *language) checkIn(s *sheet, h Head, b CheckIn, n uint) {
	if b.ReplyKept {
		s.add(l.kept)
	}
	if b.AttachmentsDropped > 0 {
		s.write(l.fine(l.plural("checkin.attachments", b.AttachmentsDropped)))
	}
	if b.WordsLong {
		s.add(l.long)
	}
	switch {
	case b.NewRound && b.Round > 0:
		s.add(l.round)
	case b.Round >= len(b.Card.Questions):
		s.add(l.againAll)
	case b.Round > 0:
		s.add(l.again)
	}
	c := l.card(b.Card)
	s.add(c.body)
	if i := slices.Index(b.Card.Questions[:], b.Question); i >= 0 {
		s.add(c.questions[i])
	} else if b.Question == "" {
		s.add(c.questions[max(b.Round, 0)%len(c.questions)])
	} else {
		s.write(l.question(b.Question))
	}
	if h.Reply != "" {
		s.add(l.reply)
	} else {
		s.add(l.noReply)
	}
	if key := "housekeeping." + b.Housekeeping.Name; b.Housekeeping.Name != "" {
		s.write(l.paragraph(l.one(key)), l.link(l.one(key+".link"), b.Housekeeping.URL))
	} else if h.Reply != "" {
		s.add(l.tips[n%uint(len(l.tips))])
	}
}

func (l *language) reminder(s *sheet, h Head, b Reminder) {
	s.write(l.title(l.one("reminder.title")))
	if words := shownWords(b.Words); h.Privacy != person.LinkOnly && words != "" {
		s.write(typed(words))
	} else {
		s.write(l.paragraph(l.one("reminder.hidden")), l.link(l.one("reminder.link"), orJournal(b.URL, l.site)))
	}
	if h.Reply != "" {
		s.write(l.paragraph(l.one("reminder.snooze")))
	}
	l.sayReply(s, h)
}

func (l *language) promise(s *sheet, h Head, b Promise) {
	past, date := "", ""
	if !b.Due.IsZero() && b.Due != person.DateOf(h.At) {
		past, date = ".past", l.date(b.Due)
	}
	if words := shownWords(b.Words); h.Privacy != person.LinkOnly && words != "" {
		s.write(l.title(l.one("promise.title"+past, "date", date)), typed(words))
	} else {
		s.write(l.title(l.one("promise.ask")), l.paragraph(l.one("promise.hidden"+past, "date", date)))
	}
	if h.Reply != "" {
		s.write(l.paragraph(l.one("promise.reply")))
	}
	if label := "promise.link"; b.AnswerURL != "" {
		if h.Reply != "" {
			label += ".or"
		}
		s.write(l.link(l.one(label), b.AnswerURL))
	}
	s.write(l.fine(l.one("promise.free")))
	l.sayReply(s, h)
}

// sayReply ends every letter but a check-in, which says more: who reads replies, and that we are no emergency service.
func (l *language) sayReply(s *sheet, h Head) {
	if h.Reply != "" {
		s.add(l.replyShort)
	} else {
		s.add(l.noReply)
	}
}

func (l *language) digest(s *sheet, h Head, m digest.Month) {
	params := []string{"month", l.month(m.First), "next", l.month(next(m.First))}
	s.write(l.title(l.one("digest.title", params...)))
	switch {
	case h.Privacy == person.LinkOnly:
		s.write(l.paragraph(l.one("digest.hidden", params...)))
	case m.Empty():
		s.write(l.paragraph(l.one("digest.empty", params...)), l.question(l.takeAlong(m, params)))
	default:
		s.write(l.paragraph(l.one("digest.intro")), l.paragraph(l.figures(m, params)))
		l.moods(s, m.Moods)
		if h.Privacy == person.Quotes {
			l.quoted(s, l.one("digest.quotes"), m.Quotes)
			l.quoted(s, l.one("digest.lastyear", params...), m.LastYear)
		}
		l.promises(s, h, m, params)
		if len(m.Themes) > 0 {
			s.write(l.heading(l.one("digest.themes")), l.paragraph(strings.Join(m.Themes, " · ")))
		}
		s.write(l.heading(l.one("digest.question", params...)), l.question(l.takeAlong(m, params)))
	}
	s.write(l.link(l.one("digest.link"), l.site+"/journal"))
	l.sayReply(s, h)
}

func (l *language) takeAlong(m digest.Month, params []string) string {
	if m.Question != "" {
		return m.Question
	}
	return l.one("digest.question.spare", params...)
}

func (l *language) figures(m digest.Month, params []string) string {
	var said []string
	if m.Letters > 0 {
		said = append(said, l.plural("digest.letters", m.Letters))
	}
	if m.Days > 0 {
		said = append(said, l.plural("digest.days", m.Days))
	} else {
		said = append(said, l.one("digest.days.none", params...))
	}
	if m.Late > 0 {
		said = append(said, l.plural("digest.late", m.Late))
	}
	return strings.Join(said, " ")
}

// moods lays out the 1–5 line as characters that a screen reader speaks, and as a table.
func (l *language) moods(s *sheet, moods []digest.Mood) {
	if len(moods) == 0 {
		return
	}
	var line []string
	var text, rows strings.Builder
	for _, m := range moods {
		value := strconv.Itoa(m.Value)
		line = append(line, value)
		text.WriteString("  " + value + "  " + l.date(m.Date) + "\n")
		rows.WriteString("<tr>" + styleCell + l.date(m.Date) + "</td>" + styleCell + value +
			` <span aria-hidden="true" class="accent" style="color:` + lightAccent + `;letter-spacing:.15em">` +
			strings.Repeat("●", m.Value) + strings.Repeat("○", 5-m.Value) + "</span></td></tr>\n")
	}
	s.write(
		l.heading(l.one("digest.moods")),
		l.paragraph(l.one("digest.moods.line", "line", strings.Join(line, ", "))),
		laid{text.String() + "\n", `<table style="border-collapse:collapse;margin:0 0 1em;font:` + fineFont + `">` + "\n<tr>" +
			styleColumn + l.inline(l.one("digest.moods.day")) + "</th>" + styleColumn + l.inline(l.one("digest.moods.mood")) + "</th></tr>\n" +
			rows.String() + "</table>\n"},
	)
}

func (l *language) quoted(s *sheet, heading string, quotes []digest.Quote) {
	if len(quotes) == 0 {
		return
	}
	s.write(l.heading(heading))
	for _, q := range quotes {
		date, words := l.date(q.Date), plain(q.Words)
		s.write(laid{
			flow(date+":") + flow(words) + "\n",
			`<p class="quiet" style="margin:0 0 .2em;font:` + fineFont + `;color:` + lightMuted + `">` + escape(date) + "</p>\n" + typed(words).html,
		})
	}
}

// promises lists what became of promises: in words where privacy allows it, else in figures.
func (l *language) promises(s *sheet, h Head, m digest.Month, params []string) {
	const most = 5 // of each; the journal has the rest
	groups := []struct {
		state    string
		promises []digest.Promise
	}{{"kept", m.Kept}, {"open", m.Open}, {"coming", m.Coming}}
	if len(m.Kept)+len(m.Open)+len(m.Coming) == 0 {
		return
	}
	s.write(l.heading(l.one("digest.promises")))
	if h.Privacy != person.Quotes {
		var said []string
		for _, g := range groups {
			if n := len(g.promises); n > 0 {
				said = append(said, l.plural("digest."+g.state, n, params...))
			}
		}
		s.write(l.paragraph(strings.Join(said, " ")))
		return
	}
	for _, g := range groups {
		if len(g.promises) == 0 {
			continue
		}
		var items []laid
		for _, p := range g.promises[:min(most, len(g.promises))] {
			words, by := shownWords(p.Words), l.one("digest.by", "date", l.date(p.Due))
			items = append(items, laid{
				strings.ReplaceAll(by, "{words}", words),
				strings.ReplaceAll(l.inline(by), "{words}", `<bdi>`+escape(words)+`</bdi>`),
			})
		}
		s.write(l.paragraph(l.one("digest.heading."+g.state, params...)+":"), list(items))
		if len(g.promises) > most {
			s.write(l.fine(l.one("digest.more")))
		}
	}
}

// shownWords is a reminder's or a promise's words as letters show them.
func shownWords(typed string) string { return digest.Cut(plain(typed), digest.QuoteLength) }

func orJournal(url, site string) string {
	if url == "" {
		return site + "/journal"
	}
	return url
}

func next(month person.Date) person.Date { return month.AddDays(month.DaysInMonth()) }
