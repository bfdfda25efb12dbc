package letter

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

// CheckIn is one letter of a path: the page of a step, a short check-in about it, or a look back.
type CheckIn struct {
	Form     curriculum.Kind // "" is a page
	Card     *content.Card   // of a library: a [Composer] keeps what it made of each card that it was given
	Question string          // the one to ask; "" asks a page's first, and in a short check-in how the person is

	Step, Of int    // "3 of 12"; Step is 0 after the arc
	Part     string // the part of the arc

	Before   *content.Card // the card before this one, for a line about it; may be nil
	LastWeek bool          // it came in the week before
	NewRound bool          // they have had every card, and this one begins again

	Done  []*content.Card // of a look back: what was read
	Words []digest.Quote  // of a look back: what the person wrote. Privacy decides whether it is shown

	Heavy bool // they gave a 1, and no letter has answered it yet

	// What became of their last reply, if it was not said yet. Where it was not kept (a person may choose
	// that) nothing is said.
	ReplyKept          bool
	AttachmentsDropped int  // how many attachments it had
	WordsLong          bool // it was so long that the journal may not have all of it

	Housekeeping Housekeeping
}

// isLookBack reports a letter without a card of its own, after a part of the arc.
func (b CheckIn) isLookBack() bool {
	return b.Form == curriculum.LookBack || b.Form == curriculum.Closing
}

func (b CheckIn) isPage() bool { return !b.isLookBack() && b.Form != curriculum.Short }

// checkInTitle is the letter's heading.
func (l *language) checkInTitle(b CheckIn) string {
	switch {
	case b.Form == curriculum.LookBack:
		return l.one("lookback.title", "part", b.Part)
	case b.Form == curriculum.Closing:
		return l.one("closing.title")
	case b.Card == nil:
		return l.one("checkin.how.title")
	}
	return b.Card.Title
}

// checkInSubject is the title; a short check-in adds the weekday, so that letters in a row differ.
func (l *language) checkInSubject(h Head, b CheckIn) string {
	title := plain(l.checkInTitle(b))
	if b.Form == curriculum.Short {
		title += " · " + l.catalogue["weekdays"][mend.DateOf(h.At).Weekday()]
	}
	return title
}

// cover is a subject that does not say what a letter is: the cover name and a count.
func (l *language) cover(h Head, b Body) string {
	if c, ok := b.(CheckIn); ok && c.isPage() && c.Step > 0 {
		return mend.CoverOf(h.Cover) + " · " + l.one("checkin.count", "step", strconv.Itoa(c.Step), "of", strconv.Itoa(c.Of))
	}
	return mend.CoverOf(h.Cover) + " " + strconv.Itoa(h.Number)
}

func (l *language) checkIn(s *sheet, h Head, b CheckIn, n uint) {
	switch {
	case !b.ReplyKept:
	case b.AttachmentsDropped > 0 || b.WordsLong:
		s.write(l.fine(l.lastReply(b)))
	default:
		s.add(l.kept)
	}
	if b.Heavy && h.Privacy.Rules().Cards {
		s.write(l.paragraph(l.one("checkin.heavy")))
	}
	writeToQuestion(l, s, h, b)
	switch {
	case h.Reply == "":
		s.add(l.noReply)
	case b.Form == curriculum.Short:
		s.add(l.replyShort)
	default:
		s.add(l.reply)
	}
	if key := "housekeeping." + b.Housekeeping.Name; b.Housekeeping.Name != "" && !b.isLookBack() {
		s.write(l.fine(l.one(key)), l.fineLink(l.one(key+".link"), b.Housekeeping.URL))
	} else if h.Reply != "" && b.isPage() && b.Step > 0 && b.Step <= tipSteps {
		s.add(l.tips[n%uint(len(l.tips))])
	}
}

// writeToQuestion writes a check-in from its title to its question.
func writeToQuestion(l *language, s *sheet, h Head, b CheckIn) {
	switch {
	case b.isLookBack():
		l.lookBack(s, h, b)
	case b.isPage():
		l.page(s, b)
	default:
		l.short(s, b)
	}
}

// PageHTML is a check-in as part of a page: from its title to its question, without styles, and without
// anything that the person wrote.
func (c *Composer) PageHTML(locale string, b CheckIn) (string, error) {
	if b.Card == nil && b.isPage() {
		return "", errNoCard
	}
	b.Words = nil
	s := sheets.Get().(*sheet)
	defer sheets.Put(s)
	s.reset()
	writeToQuestion(c.language(locale), s, Head{}, b)
	return string(s.html), nil
}

// tipSteps is how many first steps of an arc have a tip.
const tipSteps = 4

// lastReply says what became of the last reply.
func (l *language) lastReply(b CheckIn) string {
	said := []string{l.one("checkin.kept")}
	if b.AttachmentsDropped > 0 {
		said = append(said, l.plural("checkin.attachments", b.AttachmentsDropped))
	}
	if b.WordsLong {
		said = append(said, l.one("checkin.long"))
	}
	return strings.Join(said, " ")
}

// page is a card whole, with the question that can be answered before its practice is done.
func (l *language) page(s *sheet, b CheckIn) {
	if b.Before != nil && b.Before.Point != "" {
		key := "checkin.before"
		if b.LastWeek {
			key = "checkin.before.week"
		}
		s.write(l.paragraph(l.one(key, "point", b.Before.Point)))
	}
	if b.NewRound {
		s.add(l.round)
	}
	l.step(s, b)
	c := l.card(b.Card)
	s.add(c.body)
	asked := l.asked(b)
	if i := slices.Index(b.Card.Questions[:], asked); i >= 0 {
		s.add(c.questions[i])
		return
	}
	s.write(l.question(asked))
}

// asked is the question of a check-in.
func (l *language) asked(b CheckIn) string {
	switch {
	case b.Form == curriculum.LookBack:
		return l.one("lookback.question")
	case b.Form == curriculum.Closing:
		return l.one("closing.question")
	case b.Question != "":
		return b.Question
	case b.isPage() && b.Card != nil:
		return b.Card.Questions[0]
	}
	return l.one("checkin.how")
}

// step says where on the arc the letter is: "3 of 12 · Saying sorry".
func (l *language) step(s *sheet, b CheckIn) {
	if b.Step > 0 {
		s.write(l.fine(l.one("checkin.step", "step", strconv.Itoa(b.Step), "of", strconv.Itoa(b.Of), "part", b.Part)))
	}
}

// short is a few lines about this week's card: its point again, and one question.
func (l *language) short(s *sheet, b CheckIn) {
	l.step(s, b)
	s.write(l.title(l.checkInTitle(b)))
	if b.Card != nil && b.Card.Point != "" {
		s.write(l.point(b.Card.Point))
	}
	asked := l.asked(b)
	if asked != l.one("checkin.how") { // it's about the card
		s.write(l.paragraph(l.one("checkin.didyou")))
	}
	s.write(l.question(asked))
}

// lookBack lists what was read, shows what the person wrote as far as privacy allows, and asks how to go on.
func (l *language) lookBack(s *sheet, h Head, b CheckIn) {
	name := "lookback"
	if b.Form == curriculum.Closing {
		name = "closing"
	}
	s.write(l.title(l.checkInTitle(b)), l.paragraph(l.one(name+".text", "step", strconv.Itoa(b.Step), "of", strconv.Itoa(b.Of))))
	var points []string
	for _, c := range b.Done {
		points = append(points, cmp.Or(c.Point, c.Title))
	}
	if len(points) > 0 {
		s.write(l.points(points))
	}
	if h.Privacy.Rules().Own {
		l.quoted(s, l.one("digest.quotes"), b.Words, digest.QuoteLength)
	}
	s.write(l.link(l.one("lookback.journal"), l.site+"/journal"))
	s.write(l.heading(l.one(name+".next")), l.paragraph(l.one("lookback.changed")))
	if b.Housekeeping.URL != "" {
		s.write(l.link(l.one("lookback.link"), b.Housekeeping.URL))
	}
	s.write(l.fine(l.one(name+".nothing")), l.question(l.asked(b)))
}

// encodedCard is all of a card that its letters have in common.
type encodedCard struct {
	body      block // title, point, idea, practice and whom it is not for
	questions [3]block
}

func (l *language) card(c *content.Card) *encodedCard {
	if known, ok := l.cards.Load(c); ok {
		return known.(*encodedCard)
	}
	body := []laid{l.title(c.Title)}
	if c.Point != "" {
		body = append(body, l.point(c.Point))
	}
	for _, p := range c.Idea {
		body = append(body, l.cardText(p))
	}
	body = append(body, l.heading(l.plural("checkin.practice", c.Minutes)))
	for _, p := range c.Practice {
		body = append(body, l.cardText(p))
	}
	if c.Writes {
		body = append(body, l.fine(l.one("checkin.where")))
	}
	if c.NotFor != "" {
		body = append(body, l.aside(c.NotFor))
	}
	e := &encodedCard{body: join(body...).encode()}
	for i, q := range c.Questions {
		e.questions[i] = l.question(q).encode()
	}
	l.cards.Store(c, e)
	return e
}
