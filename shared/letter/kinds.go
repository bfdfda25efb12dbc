package letter

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

var (
	errBody   = errors.New("this is not a body that letters can have")
	errNoCard = errors.New("the check-in has no card")
	errMonth  = errors.New("the digest is of no month")
	errName   = errors.New("the catalogue has no message of this name")
)

// write writes the whole letter and returns its subject.
func (l *language) write(s *sheet, h Head, b Body) (subject string, err error) {
	n, rules := turn(h), h.Privacy.Rules()
	path := "" // whose color the letter has
	begin := func(key, name string, params ...string) {
		checkIn, ok := b.(CheckIn)
		switch {
		case !rules.Titles && isCovered(b.Kind()):
			subject = l.cover(h, b)
		case ok:
			subject = l.checkInSubject(h, checkIn)
		default:
			subject = l.nth(key+".subject", n, params...)
		}
		if rules.Path {
			path = h.Path
		}
		l.open(s, path, name, subject, l.nth(key+".preheader", n, params...))
	}
	switch b := b.(type) {
	case CheckIn:
		if b.Card == nil && b.isPage() {
			return "", errNoCard
		}
		if b.Housekeeping.Name != "" && !slices.Contains(Housekeepings, b.Housekeeping.Name) {
			return "", errName
		}
		if b.Housekeeping.Name != "" && !isURL(b.Housekeeping.URL) {
			return "", errURL
		}
		if begin("checkin", h.Name); rules.Cards {
			l.checkIn(s, h, b, n)
			break
		}
		s.write(l.title(l.one("checkin.ready")), l.paragraph(l.one("checkin.ready.text")))
		if h.Page != "" {
			s.write(l.button(l.one("checkin.ready.link"), h.Page))
		}
		l.sayReply(s, h)
	case Reminder:
		if !isOptionalURL(b.URL) {
			return "", errURL
		}
		begin("reminder", h.Name)
		l.reminder(s, h, b)
	case Promise:
		if !isOptionalURL(b.AnswerURL) {
			return "", errURL
		}
		begin("promise", h.Name)
		l.promise(s, h, b)
	case Digest:
		month := b.Month.First
		if !onCalendar(month) {
			return "", errMonth
		}
		for most := digest.QuoteLength; ; most /= 2 {
			s.reset()
			begin("digest", h.Name, "month", l.month(month), "next", l.month(next(month)))
			l.digest(s, h, b.Month, most, path)
			if s.size() <= MostBytes || most < 16 {
				break
			}
		}
	case Confirmation:
		if !(isURL(b.ConfirmURL) && isURL(b.NotMeURL)) {
			return "", errURL
		}
		begin("confirmation", "")
		s.write(
			l.title(l.one("confirmation.title", "sender", l.sender)),
			l.paragraph(l.one("confirmation.text", "sender", l.sender)),
			l.button(l.one("confirmation.link"), b.ConfirmURL),
			l.fine(l.one("confirmation.notme")),
			l.fineLink(l.one("confirmation.notme.link"), b.NotMeURL),
		)
		s.add(l.noReply)
	case Welcome:
		begin("welcome", h.Name)
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
		if !isURL(b.URL) {
			return "", errURL
		}
		begin("signin", h.Name)
		s.write(
			l.title(l.one("signin.title")),
			l.paragraph(l.one("signin.text")),
			l.button(l.one("signin.link"), b.URL),
			l.fine(l.one("signin.unasked")),
		)
		l.mute(s, b.MuteURL)
		s.add(l.noReply)
	case Notice:
		if !isOptionalURL(b.URL) {
			return "", errURL
		}
		key := "notice." + b.Name
		for i, name := range append([]string{b.Name}, b.Also...) {
			if !slices.Contains(Notices, name) {
				return "", errName
			}
			if i == 0 {
				begin(key, h.Name)
				s.write(l.title(subject))
			}
			s.write(l.paragraph(l.one("notice."+name+".text", "until", b.Until, "next", b.Next, "rhythm", b.Rhythm)))
		}
		if label, ok := l.catalogue[key+".button"]; ok && b.URL != "" {
			s.write(l.button(label[0], b.URL))
		} else if label, ok := l.catalogue[key+".link"]; ok && b.URL != "" {
			s.write(l.link(label[0], b.URL))
		}
		l.mute(s, b.MuteURL)
		l.sayReply(s, h)
	default:
		return "", errBody
	}
	l.close(s, h)
	return subject, nil
}

// isCovered reports the kinds of letter whose subject is the cover name and a number, unless privacy allows titles.
func isCovered(k mend.Kind) bool {
	return k == mend.CheckIn || k == mend.Reminder || k == mend.PromiseKind || k == mend.Digest
}

// mute writes the link with which the owner of an inbox refuses letters that anyone can cause.
func (l *language) mute(s *sheet, url string) {
	if url != "" {
		s.write(l.fineLink(l.one("mute.link"), url))
	}
}

// isOptionalURL is isURL for links that a body may leave out.
func isOptionalURL(url string) bool { return url == "" || isURL(url) }

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

func (l *language) reminder(s *sheet, h Head, b Reminder) {
	s.write(l.title(l.one("reminder.title")))
	if words := shownWords(b.Words, digest.QuoteLength); h.Privacy.Rules().ShowsWords(b.Ticked) && words != "" {
		s.write(typed(words))
	} else {
		s.write(l.paragraph(l.one("reminder.hidden")), l.link(l.one("reminder.link"), orJournal(b.URL, l.site)))
	}
	if h.Reply != "" {
		s.write(l.paragraph(l.one("reminder.snooze")))
		s.add(l.private)
	} else {
		s.add(l.noReply)
	}
}

func (l *language) promise(s *sheet, h Head, b Promise) {
	past, date := "", ""
	if onCalendar(b.Due) && b.Due != mend.DateOf(h.At) {
		past, date = ".past", l.date(b.Due)
	}
	rules := h.Privacy.Rules()
	words := shownWords(b.Words, digest.QuoteLength)
	shown := rules.ShowsWords(b.Ticked) && words != ""
	if shown {
		s.write(l.title(l.one("promise.title"+past, "date", date)), typed(words))
	} else {
		s.write(l.title(l.one("promise.ask")), l.paragraph(l.one("promise.hidden"+past, "date", date)))
	}
	if b.Space && rules.Path {
		s.write(l.paragraph(l.one("promise.space")))
	}
	if shown {
		s.write(l.question(l.one("promise.ask")))
	}
	if h.Reply != "" {
		s.write(l.paragraph(l.one("promise.reply")))
	}
	if b.AnswerURL != "" {
		s.write(l.link(l.one("promise.link"), b.AnswerURL))
	}
	s.write(l.fine(l.one("promise.free")))
	if h.Reply != "" {
		s.add(l.private)
	} else {
		s.add(l.noReply)
	}
}

// sayReply says whether the letter can be answered, who reads answers, and that we are no emergency service.
func (l *language) sayReply(s *sheet, h Head) {
	if h.Reply != "" {
		s.add(l.replyShort)
	} else {
		s.add(l.noReply)
	}
}

// digest shows at most so many characters of each of the person's words.
func (l *language) digest(s *sheet, h Head, m digest.Month, most int, path string) {
	params := []string{"month", l.month(m.First), "next", l.month(next(m.First))}
	s.write(l.title(l.one("digest.title", params...)))
	switch {
	case !h.Privacy.Rules().Figures:
		s.write(l.paragraph(l.one("digest.hidden", params...)))
	case m.Empty():
		s.write(l.paragraph(l.one("digest.empty", params...)))
	default:
		s.write(l.paragraph(l.one("digest.intro")), l.paragraph(l.figures(m, params)))
		if len(m.Points) > 0 {
			s.write(l.heading(l.one("digest.points")), l.points(m.Points))
		}
		if h.Privacy.Rules().Own {
			l.quoted(s, l.one("digest.quotes"), m.Quotes, most)
			l.quoted(s, l.one("digest.lastyear", params...), m.LastYear, most)
		}
		l.promises(s, h, m, most, params)
		l.moods(s, m, path)
	}
	s.write(l.link(l.one("digest.link"), l.site+"/journal"))
	if h.Privacy.Rules().Figures {
		s.write(l.question(l.standing(m.First)))
	}
	l.sayReply(s, h)
}

// standing is the question of a month's digest: one of a few that take turns.
func (l *language) standing(month mend.Date) string {
	return l.nth("digest.questions", uint(month.Month), "month", l.month(month), "next", l.month(next(month)))
}

// Question is what a letter asks, for the journal to show with the answer; "" where it asks
// nothing.
func (c *Composer) Question(locale string, privacy mend.Privacy, b Body) string {
	l := c.language(locale)
	switch b := b.(type) {
	case CheckIn:
		return l.asked(b)
	case Digest:
		if privacy.Rules().Figures && onCalendar(b.Month.First) {
			return l.standing(b.Month.First)
		}
	}
	return ""
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
	return strings.Join(said, " ")
}

// moods draws the days of a month, a row for each week. Under the number of a day stands a block with the
// mood in it, and as high as that. In text it is a line with a place for each day.
func (l *language) moods(s *sheet, m digest.Month, path string) {
	if len(m.Moods) == 0 {
		return
	}
	said := map[mend.Date]int{}
	for _, mood := range m.Moods {
		said[mood.Date] = min(max(mood.Value, 1), 5)
	}
	block := withColors(styleMood, light, path)
	line := make([]string, 0, 31)
	var cells strings.Builder
	cells.WriteString("<tr valign=bottom>" + strings.Repeat("<td></td>", int(m.First.Weekday()+6)%7))
	for day := m.First; day.FirstOfMonth() == m.First; day = day.AddDays(1) {
		if day.Weekday() == time.Monday && day != m.First {
			cells.WriteString("</tr>\n<tr valign=bottom>")
		}
		number := strconv.Itoa(day.Day)
		mood, ok := said[day]
		if !ok {
			line = append(line, "·")
			cells.WriteString("<td>" + number + "</td>")
			continue
		}
		value := strconv.Itoa(mood)
		line = append(line, value)
		cells.WriteString(`<td aria-label="` + escape(l.date(day)) + ": " + value + `">` + number +
			fill(block, "height", strconv.Itoa(6*mood)) + value + "</div></td>")
	}
	s.write(l.heading(l.one("digest.moods")), laid{
		flow(l.one("digest.moods.line")) + strings.Join(line, " ") + "\n\n",
		toward(l.dir, styleTable) + cells.String() + "</tr>\n</table>\n",
	})
}

func (l *language) quoted(s *sheet, heading string, quotes []digest.Quote, most int) {
	if len(quotes) == 0 {
		return
	}
	s.write(l.heading(heading))
	for _, q := range quotes {
		date, words := l.date(q.Date), typed(shownWords(q.Words, most))
		s.write(laid{flow(date + ":"), styleDate + l.inline(date) + "</p>\n"}, words)
	}
}

// promises lists what became of promises: in words where privacy allows it, else in figures.
func (l *language) promises(s *sheet, h Head, m digest.Month, length int, params []string) {
	const most = 5 // of each; the journal has the rest
	groups := []struct {
		state    string
		promises []digest.Promise
	}{{"kept", m.Kept}, {"open", m.Open}, {"coming", m.Coming}}
	if len(m.Kept)+len(m.Open)+len(m.Coming) == 0 {
		return
	}
	s.write(l.heading(l.one("digest.promises")))
	wordless := func(p digest.Promise) bool { return p.Words == "" } // no words are kept, or were when it was made
	if !h.Privacy.Rules().Own || slices.ContainsFunc(slices.Concat(m.Kept, m.Open, m.Coming), wordless) {
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
			words, by := shownWords(p.Words, length), l.one("digest.by", "date", l.date(p.Due))
			items = append(items, laid{
				strings.ReplaceAll(by, "{words}", words),
				strings.ReplaceAll(l.inline(by), "{words}", `<bdi>`+escape(words)+`</bdi>`),
			})
		}
		s.write(l.subheading(l.one("digest.heading."+g.state, params...)), list(items))
		if len(g.promises) > most {
			s.write(l.fine(l.one("digest.more")))
		}
	}
}

// shownWords is at most so many characters of somebody's own words, as letters show them.
func shownWords(typed string, most int) string { return plain(digest.Cut(typed, most)) }

func orJournal(url, site string) string {
	if url == "" {
		return site + "/journal"
	}
	return url
}

func next(month mend.Date) mend.Date { return month.AddDays(month.DaysInMonth()) }
