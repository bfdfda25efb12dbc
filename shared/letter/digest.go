package letter

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

func (b Digest) write(d *draft) error {
	if !onCalendar(b.Month.First) {
		return errMonth
	}
	params := d.monthParams(b.Month.First)
	for most := digest.QuoteLength; ; most /= 2 {
		d.open("digest", params...)
		d.digest(b.Month, most, params)
		const header = 2048 // counted generously
		if header+len(d.text)+len(d.html) <= MostBytes || most < 16 {
			return nil
		}
	}
}

// monthParams names a month and the one after it.
func (l *language) monthParams(month mend.Date) []string {
	return []string{"month", l.month(month), "next", l.month(month.AddDays(month.DaysInMonth()))}
}

// monthsQuestion is the question of a month's digest: one of a few that take turns.
func (l *language) monthsQuestion(month mend.Date, params []string) string {
	return l.nth("digest.questions", uint(month.Month), params...)
}

// digest shows a month, with at most so many characters of each of the person's words.
func (d *draft) digest(m digest.Month, most int, params []string) {
	d.say(styleTitle, "digest.title", params...)
	switch {
	case !d.rules.Figures:
		d.say(styleText, "digest.hidden", params...)
	case m.Empty():
		d.say(styleText, "digest.empty", params...)
	default:
		d.say(styleText, "digest.intro")
		figures := d.one("digest.days.none", params...)
		if m.Days > 0 {
			figures = d.plural("digest.days", m.Days)
		}
		if m.Letters > 0 {
			figures = d.plural("digest.letters", m.Letters) + " " + figures
		}
		d.put(d.lay(styleText, figures))
		if len(m.Points) > 0 {
			d.say(styleHeading, "digest.points")
			d.put(d.list(m.Points))
		}
		if d.rules.Own {
			d.quoted(m.Quotes, most, "digest.quotes")
			d.quoted(m.LastYear, most, "digest.lastyear", params...)
		}
		d.promises(m, most, params)
		d.moods(m)
	}
	d.link(styleLink, "digest.link", d.site+"/journal")
	if d.rules.Figures {
		d.put(d.lay(styleQuestion, d.monthsQuestion(m.First, params)))
	}
	d.sayReply(d.replyShort)
}

// quoted shows what the person wrote, each with its day; nothing where they wrote nothing.
func (d *draft) quoted(quotes []digest.Quote, most int, heading string, params ...string) {
	if len(quotes) == 0 {
		return
	}
	d.say(styleHeading, heading, params...)
	for _, q := range quotes {
		date := d.date(q.Date)
		d.put(laid{flow(date + ":"), styleDate + d.inline(date) + "</p>\n"})
		d.put(quotation(shownWords(q.Words, most)))
	}
}

// promises lists what became of promises: in words where privacy allows it, else in figures.
func (d *draft) promises(m digest.Month, length int, params []string) {
	const most = 5 // of each; the journal has the rest
	groups := []struct {
		state    string
		promises []digest.Promise
	}{{"kept", m.Kept}, {"open", m.Open}, {"coming", m.Coming}}
	all := slices.Concat(m.Kept, m.Open, m.Coming)
	if len(all) == 0 {
		return
	}
	d.say(styleHeading, "digest.promises")
	wordless := func(p digest.Promise) bool { return p.Words == "" } // no words are kept, or were when it was made
	if !d.rules.Own || slices.ContainsFunc(all, wordless) {
		var said []string
		for _, g := range groups {
			if n := len(g.promises); n > 0 {
				said = append(said, d.plural("digest."+g.state, n, params...))
			}
		}
		d.put(d.lay(styleText, strings.Join(said, " ")))
		return
	}
	for _, g := range groups {
		if len(g.promises) == 0 {
			continue
		}
		var items []laid
		for _, p := range g.promises[:min(most, len(g.promises))] {
			words, by := shownWords(p.Words, length), d.one("digest.by", "date", d.date(p.Due))
			items = append(items, laid{
				strings.ReplaceAll(by, "{words}", words),
				strings.ReplaceAll(d.inline(by), "{words}", `<bdi>`+escape(words)+`</bdi>`),
			})
		}
		d.say(styleSubheading, "digest.heading."+g.state, params...)
		d.put(list(items))
		if len(g.promises) > most {
			d.say(styleFine, "digest.more")
		}
	}
}

// moods draws the days of a month, a row for each week. Under the number of a day stands a block
// with the mood in it, and as high as that. In text it is a line with a place for each day.
func (d *draft) moods(m digest.Month) {
	if len(m.Moods) == 0 {
		return
	}
	said := map[mend.Date]int{}
	for _, mood := range m.Moods {
		said[mood.Date] = min(max(mood.Value, 1), 5)
	}
	block := withColors(styleMood, light, d.Path)
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
		cells.WriteString(`<td aria-label="` + escape(d.date(day)) + ": " + value + `">` + number +
			fill(block, "height", strconv.Itoa(6*mood)) + value + "</div></td>")
	}
	d.say(styleHeading, "digest.moods")
	d.put(laid{
		flow(d.one("digest.moods.line")) + strings.Join(line, " ") + "\n\n",
		toward(d.dir, styleTable) + cells.String() + "</tr>\n</table>\n",
	})
}
