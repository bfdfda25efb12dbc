package letter

import (
	"slices"

	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

func (b Reminder) write(d *draft) error {
	d.open("reminder")
	d.say(styleTitle, "reminder.title")
	if words := shownWords(b.Words, digest.QuoteLength); d.rules.ShowsWords(b.Ticked) && words != "" {
		d.put(quotation(words))
	} else {
		d.say(styleText, "reminder.hidden")
		d.link(styleLink, "reminder.link", d.site+"/journal")
	}
	if d.Reply != "" {
		d.say(styleText, "reminder.snooze")
	}
	d.sayReply(d.private)
	return nil
}

func (b Promise) write(d *draft) error {
	d.open("promise")
	past, date := "", ""
	if onCalendar(b.Due) && b.Due != mend.DateOf(d.At) {
		past, date = ".past", d.date(b.Due)
	}
	words := shownWords(b.Words, digest.QuoteLength)
	shown := d.rules.ShowsWords(b.Ticked) && words != ""
	if shown {
		d.say(styleTitle, "promise.title"+past, "date", date)
		d.put(quotation(words))
	} else {
		d.say(styleTitle, "promise.ask")
		d.say(styleText, "promise.hidden"+past, "date", date)
	}
	if b.Space && d.rules.Path {
		d.say(styleText, "promise.space")
	}
	if shown {
		d.say(styleQuestion, "promise.ask")
	}
	if d.Reply != "" {
		d.say(styleText, "promise.reply")
	}
	if b.AnswerURL != "" {
		d.link(styleLink, "promise.link", b.AnswerURL)
	}
	d.say(styleFine, "promise.free")
	d.sayReply(d.private)
	return nil
}

func (b Confirmation) write(d *draft) error {
	d.Name = "" // nothing that anyone typed
	d.open("confirmation")
	d.say(styleTitle, "confirmation.title", "sender", d.sender)
	d.say(styleText, "confirmation.text", "sender", d.sender)
	d.link(styleButton, "confirmation.link", b.ConfirmURL)
	d.say(styleFine, "confirmation.notme")
	d.link(styleFineLink, "confirmation.notme.link", b.NotMeURL)
	d.add(d.noReply)
	return nil
}

func (b Welcome) write(d *draft) error {
	d.open("welcome")
	d.say(styleTitle, "welcome.title")
	d.say(styleText, "welcome.first", "first", b.First, "rhythm", b.Rhythm)
	d.say(styleText, "welcome.reply")
	d.say(styleText, "welcome.rest")
	if d.Preferences != "" {
		d.link(styleLink, "welcome.link", d.Preferences)
	}
	d.sayReply(d.replyShort)
	return nil
}

func (b SignIn) write(d *draft) error {
	d.open("signin")
	d.say(styleTitle, "signin.title")
	d.say(styleText, "signin.text")
	d.link(styleButton, "signin.link", b.URL)
	d.say(styleFine, "signin.unasked")
	d.mute(b.MuteURL)
	d.add(d.noReply)
	return nil
}

// mute appends the link with which the owner of an inbox refuses letters that anyone
// can cause; none for "".
func (d *draft) mute(url string) {
	if url != "" {
		d.link(styleFineLink, "mute.link", url)
	}
}

// Answers lists the names of the notices that answer a reply: what was followed, and
// what was not understood.
var Answers = []string{
	"paused", "resumed", "skipped", "settings-changed", "not-for-me", "promise-when", "order-unclear", "stop-ask",
}

// Notices lists the names of [Notice].
var Notices = append([]string{
	"already-signed-up", "reply-quarantined", "no-contact", "address-change", "address-changed", "erased", "goodbye",
}, Answers...)

func (b Notice) write(d *draft) error {
	names := append([]string{b.Name}, b.Also...)
	for _, name := range names {
		if !slices.Contains(Notices, name) {
			return errName
		}
	}
	key := "notice." + b.Name
	d.open(key)
	d.put(d.lay(styleTitle, d.subject))
	for _, name := range names {
		d.say(styleText, "notice."+name+".text", "until", b.Until, "next", b.Next, "rhythm", b.Rhythm)
	}
	switch {
	case b.URL == "":
	case d.has(key + ".button"):
		d.link(styleButton, key+".button", b.URL)
	case d.has(key + ".link"):
		d.link(styleLink, key+".link", b.URL)
	}
	d.mute(b.MuteURL)
	d.sayReply(d.replyShort)
	return nil
}
