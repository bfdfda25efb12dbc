package letter

import (
	"cmp"
	"slices"
	"strconv"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

// CheckIn is one letter of a path: the page of a step, a short check-in about it, or a look back.
//
// The zero Form is a page. A card is one of a library: a [Composer] keeps what it made of each that
// it was given. The Question "" asks a page's first.
type CheckIn struct {
	curriculum.Choice

	Words []digest.Quote // of a look back: what the person wrote. Privacy decides whether it is shown

	// What became of their last reply, if it was not said yet. Where it was not kept (a person may
	// choose that) nothing is said.
	ReplyKept          bool
	AttachmentsDropped int // how many attachments it had

	Housekeeping Housekeeping
}

func (b CheckIn) isPage() bool { return !b.Form.LooksBack() && b.Form != curriculum.Short }

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

// steps are the parameters of a message that says where on the arc the letter is.
func (b CheckIn) steps() []string {
	return []string{"step", strconv.Itoa(b.Step), "of", strconv.Itoa(b.Of), "part", b.Part}
}

func (b CheckIn) write(d *draft) error {
	question := "housekeeping." + b.Housekeeping.Name
	switch {
	case b.Card == nil && b.isPage():
		return errNoCard
	case b.Housekeeping.Name != "" && !d.has(question):
		return errName
	}
	if d.subject == "" {
		d.subject = plain(d.checkInTitle(b))
		if b.Form == curriculum.Short { // letters in a row differ by the weekday
			d.subject += " · " + d.catalogue["weekdays"][mend.DateOf(d.At).Weekday()]
		}
	}
	d.open("checkin")
	if !d.rules.Cards {
		d.say(styleTitle, "checkin.ready")
		d.say(styleText, "checkin.ready.text")
		if d.Page != "" {
			d.link(styleButton, "checkin.ready.link", d.Page)
		}
		d.sayReply(d.replyShort)
		return nil
	}
	switch {
	case !b.ReplyKept:
	case b.AttachmentsDropped > 0:
		d.put(d.lay(styleFine, d.one("checkin.kept")+" "+d.plural("checkin.attachments", b.AttachmentsDropped)))
	default:
		d.add(d.kept)
	}
	if b.Heavy {
		d.say(styleText, "checkin.heavy")
	}
	d.toQuestion(b)
	if b.Form == curriculum.Short {
		d.sayReply(d.replyShort)
	} else {
		d.sayReply(d.reply)
	}
	if b.Housekeeping.Name != "" && !b.Form.LooksBack() {
		d.say(styleFine, question)
		d.link(styleFineLink, question+".link", b.Housekeeping.URL)
	} else if d.Reply != "" && b.isPage() && b.Step > 0 && b.Step <= tipSteps {
		d.add(d.tips[d.turn%uint(len(d.tips))])
	}
	return nil
}

// tipSteps is how many first steps of an arc have a tip.
const tipSteps = 4

// toQuestion writes a check-in from its title to its question.
func (d *draft) toQuestion(b CheckIn) {
	switch {
	case b.Form.LooksBack():
		d.lookBack(b)
	case b.isPage():
		d.page(b)
	default:
		d.short(b)
	}
}

// page is a card whole, with the question that can be answered before its practice is done.
func (d *draft) page(b CheckIn) {
	if b.Before != nil && b.Before.Point != "" {
		key := "checkin.before"
		if b.LastWeek {
			key = "checkin.before.week"
		}
		d.say(styleText, key, "point", b.Before.Point)
	}
	if b.NewRound {
		d.add(d.round)
	}
	d.step(b)
	c := d.card(b.Card)
	d.add(c.body)
	asked := d.asked(b)
	if i := slices.Index(b.Card.Questions[:], asked); i >= 0 {
		d.add(c.questions[i])
		return
	}
	d.put(d.lay(styleQuestion, asked))
}

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
func (d *draft) step(b CheckIn) {
	if b.Step > 0 {
		d.say(styleFine, "checkin.step", b.steps()...)
	}
}

// short is a few lines about this week's card: its point again, and one question.
func (d *draft) short(b CheckIn) {
	d.step(b)
	d.put(d.lay(styleTitle, d.checkInTitle(b)))
	if b.Card != nil && b.Card.Point != "" {
		d.put(d.lay(stylePoint, b.Card.Point))
	}
	asked := d.asked(b)
	if asked != d.one("checkin.how") { // it's about the card
		d.say(styleText, "checkin.didyou")
	}
	d.put(d.lay(styleQuestion, asked))
}

// lookBack lists what was read, shows what the person wrote as far as privacy allows,
// and asks how to go on.
func (d *draft) lookBack(b CheckIn) {
	name := "lookback"
	if b.Form == curriculum.Closing {
		name = "closing"
	}
	d.put(d.lay(styleTitle, d.checkInTitle(b)))
	d.say(styleText, name+".text", b.steps()...)
	var points []string
	for _, c := range b.Done {
		points = append(points, cmp.Or(c.Point, c.Title))
	}
	if len(points) > 0 {
		d.put(d.list(points))
	}
	if d.rules.Own {
		d.quoted(b.Words, digest.QuoteLength, "digest.quotes")
	}
	d.link(styleLink, "lookback.journal", d.site+"/journal")
	d.say(styleHeading, name+".next")
	d.say(styleText, "lookback.changed")
	if b.Housekeeping.URL != "" {
		d.link(styleLink, "lookback.link", b.Housekeeping.URL)
	}
	d.say(styleFine, name+".nothing")
	d.put(d.lay(styleQuestion, d.asked(b)))
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
	d := draft{language: l}
	d.put(d.lay(styleTitle, c.Title))
	if c.Point != "" {
		d.put(d.lay(stylePoint, c.Point))
	}
	for _, p := range c.Idea {
		d.put(d.cardText(p))
	}
	d.put(d.lay(styleHeading, d.plural("checkin.practice", c.Minutes)))
	for _, p := range c.Practice {
		d.put(d.cardText(p))
	}
	if c.Writes {
		d.say(styleFine, "checkin.where")
	}
	if c.NotFor != "" {
		d.put(d.lay(styleAside, c.NotFor))
	}
	e := &encodedCard{body: block{encoded(d.text), encoded(d.html)}}
	for i, q := range c.Questions {
		e.questions[i] = l.lay(styleQuestion, q).encode()
	}
	l.cards.Store(c, e)
	return e
}
