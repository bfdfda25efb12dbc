package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/mend/shared/mend"
)

// Reading an attribute that is absent gives the zero value: old items lack what came later.

func (it Item) text(attr string) string {
	s, _ := it[attr].(string)
	return s
}

func (it Item) number(attr string) int64 {
	n, _ := it[attr].(int64)
	return n
}

func (it Item) flag(attr string) bool {
	b, _ := it[attr].(bool)
	return b
}

func (it Item) bytes(attr string) []byte {
	b, _ := it[attr].([]byte)
	return b
}

func (it Item) instant(attr string) time.Time {
	return fromMillis(it.number(attr))
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (it Item) date(attr string) mend.Date {
	return dateFrom(it.text(attr))
}

// dateFrom reads what we wrote ourselves; "" is no date.
func dateFrom(text string) mend.Date {
	if text == "" {
		return mend.Date{}
	}
	d, _ := mend.ParseDate(text)
	return d
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func personID(it Item) mend.ID { return mend.ID(strings.TrimPrefix(it.text(AttrPK), "P#")) }

func afterPrefix(it Item, prefix string) string {
	return strings.TrimPrefix(it.text(AttrSK), prefix)
}

func personItem(p mend.Person) Item {
	return Item{
		"address": p.Address.Mail(), "name": p.Name, "status": string(p.Status), "version": p.Version,
		"zone": p.Zone, "locale": p.Locale, "role": string(p.Role), "privacy": string(p.Privacy), "cover": p.Cover,
		"epoch": int64(p.Epoch), "retention": string(p.Retention), "noContact": p.NoContact,
		"saidNoAt": millis(p.SaidNo.At), "saidNoPath": p.SaidNo.Path, "saidNoRested": p.SaidNo.Rested,
		"consent": p.Consent.Text, "consentAt": millis(p.Consent.At), "consentHow": p.Consent.How,
		"created": millis(p.Created), "changed": millis(p.Changed), "stoppedAt": millis(p.StoppedAt),
		"hold": p.Hold.String(), "answered": p.Answered.String(),
		"askedToStop": p.AskedToStop.String(), "asking": string(p.PendingConfirmation),
	}
}

func personFrom(it Item) mend.Person {
	return mend.Person{
		ID: personID(it), Address: mend.StoredAddress(it.text("address")), Name: it.text("name"),
		Status: mend.Status(it.text("status")), Version: it.number("version"),
		Zone: it.text("zone"), Locale: it.text("locale"), Role: mend.Role(it.text("role")),
		Privacy: mend.Privacy(it.text("privacy")), Cover: it.text("cover"), Epoch: uint16(it.number("epoch")),
		Retention: mend.Retention(it.text("retention")),
		NoContact: it.flag("noContact"),
		SaidNo: mend.SaidNo{
			At: it.instant("saidNoAt"), Path: it.text("saidNoPath"), Rested: it.flag("saidNoRested"),
		},
		Consent: mend.Consent{Text: it.text("consent"), At: it.instant("consentAt"), How: it.text("consentHow")},
		Created: it.instant("created"), Changed: it.instant("changed"), StoppedAt: it.instant("stoppedAt"),
		Hold: mend.ParseHold(it.text("hold")), Answered: it.date("answered"),
		AskedToStop:         it.date("askedToStop"),
		PendingConfirmation: mend.ItemID(it.text("asking")),
	}
}

// settingsItem is the part of a subscription that the person's changes write.
func settingsItem(s mend.Subscription) Item {
	return Item{
		"kind": string(s.Kind), "status": string(s.Status), "address": s.Address.Mail(), "name": s.Name,
		"privacy": string(s.Privacy), "cover": s.Cover, "epoch": int64(s.Epoch), "rule": rule(s.Cadence),
		"zone": s.Cadence.Zone, "path": s.Path, "role": string(s.Role), "noContact": s.NoContact, "retired": s.Retired,
		"digestDay": int64(s.DigestDay), "digestFrom": s.DigestFrom.String(), "words": s.Words,
		"showWords": s.ShowWords, "version": s.Version, "hold": s.Hold.String(),
		"firstDate": s.FirstDate.String(),
	}
}

// progressItem is the part of a subscription that the sender writes.
func progressItem(p mend.Progress) Item {
	it := claimItem(p.Claim)
	it["lastDate"], it["card"], it["letters"] = p.LastDate.String(), int64(p.Claim.Card), int64(p.Letters)
	it["seen"], it["step"] = p.Seen, stepText(p.Step)
	return it
}

func claimItem(c mend.Claim) Item {
	return Item{"nonce": c.Nonce, "claim": string(c.State), "claimAt": millis(c.At)}
}

// stepText writes all of a step but the cards seen in few bytes; stepFrom reads it back.
func stepText(s mend.Step) string {
	return strings.Join([]string{
		strconv.Itoa(s.Round), strconv.Itoa(s.LastCard), strconv.Itoa(int(s.Closed)), shortDate(s.Began),
		strconv.Itoa(s.Asked), strconv.Itoa(s.LookedBack), shortInstant(s.MoodAnswered), shortInstant(s.LightAfter),
		shortDate(s.PartBegan), s.WeekKind,
	}, "|")
}

func stepFrom(it Item) mend.Step {
	s := mend.Step{Seen: it.bytes("seen")}
	f := strings.SplitN(it.text("step"), "|", 10)
	if len(f) != 10 {
		return s
	}
	number := func(i int) int { n, _ := strconv.Atoi(f[i]); return n }
	s.Round, s.LastCard, s.Closed = number(0), number(1), uint8(number(2))
	s.Began = dateFromShort(f[3])
	s.Asked, s.LookedBack = number(4), number(5)
	s.MoodAnswered, s.LightAfter = instantFromShort(f[6]), instantFromShort(f[7])
	s.PartBegan = dateFromShort(f[8])
	s.WeekKind = f[9]
	return s
}

// shortInstant writes milliseconds in base 36, and shortDate a date without its dashes: a claim
// pays for each kilobyte.
func shortInstant(t time.Time) string { return strconv.FormatInt(millis(t), 36) }

func instantFromShort(text string) time.Time {
	n, _ := strconv.ParseInt(text, 36, 64)
	return fromMillis(n)
}

func shortDate(d mend.Date) string { return strings.ReplaceAll(d.String(), "-", "") }

func dateFromShort(text string) mend.Date {
	if len(text) != 8 {
		return mend.Date{}
	}
	d, _ := mend.ParseDate(text[:4] + "-" + text[4:6] + "-" + text[6:])
	return d
}

// moodsText writes the two newest moods as "value@instant"; moodsFrom reads them back.
func moodsText(moods [2]mend.Mood) string {
	return fmt.Sprintf("%d@%s %d@%s", moods[0].Value, shortInstant(moods[0].At), moods[1].Value,
		shortInstant(moods[1].At))
}

func moodsFrom(text string) (moods [2]mend.Mood) {
	for i, f := range strings.Fields(text) {
		value, at, _ := strings.Cut(f, "@")
		if i < len(moods) {
			moods[i].Value, _ = strconv.Atoi(value)
			moods[i].At = instantFromShort(at)
		}
	}
	return moods
}

func subscriptionFrom(it Item) mend.Subscription {
	n, _ := strconv.ParseUint(afterPrefix(it, "SUB#"), 10, 8)
	return mend.Subscription{
		Person: personID(it), Number: uint8(n), Kind: mend.Kind(it.text("kind")),
		Status: mend.Status(it.text("status")), Address: mend.StoredAddress(it.text("address")),
		Name: it.text("name"), Privacy: mend.Privacy(it.text("privacy")),
		Cover: it.text("cover"), Epoch: uint16(it.number("epoch")), ShowWords: it.flag("showWords"),
		Cadence: cadenceFrom(it), Slot: it.text(AttrSlot),
		Path: it.text("path"), Role: mend.Role(it.text("role")), NoContact: it.flag("noContact"),
		Retired: it.bytes("retired"), DigestDay: int(it.number("digestDay")), DigestFrom: it.date("digestFrom"),
		Words: it.text("words"), Version: it.number("version"), Hold: mend.ParseHold(it.text("hold")),
		FirstDate: it.date("firstDate"), LastReply: it.date("lastReply"),
		LastReplyAttachments: int(it.number("lastAttachments")),
		Moods:                moodsFrom(it.text("moods")),
		Progress: mend.Progress{
			LastDate: it.date("lastDate"), Letters: int(it.number("letters")),
			Claim: mend.Claim{
				Nonce: it.text("nonce"), State: mend.ClaimState(it.text("claim")),
				At: it.instant("claimAt"), Card: int(it.number("card")),
			},
			Step: stepFrom(it),
		},
	}
}

// rule writes a cadence without its zone; cadenceFrom reads it back.
func rule(c mend.Cadence) string {
	return strings.Join([]string{
		string(c.Kind), strconv.Itoa(int(c.Days)), strconv.Itoa(c.Every), strconv.Itoa(c.Day), strconv.Itoa(c.Nth),
		strconv.Itoa(int(c.Month)), c.Anchor.String(), c.Time.String(),
	}, "|")
}

func cadenceFrom(it Item) mend.Cadence {
	f := strings.Split(it.text("rule"), "|")
	if len(f) != 8 {
		return mend.Cadence{Zone: it.text("zone")} // of no kind: falls on no date
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	at, _ := mend.ParseTimeOfDay(f[7])
	return mend.Cadence{
		Kind: mend.CadenceKind(f[0]), Days: mend.Weekdays(number(f[1])), Every: number(f[2]),
		Day: number(f[3]), Nth: number(f[4]), Month: time.Month(number(f[5])),
		Anchor: dateFrom(f[6]), Time: at, Zone: it.text("zone"),
	}
}

func oneOffItem(o mend.OneOff) Item {
	return Item{
		"kind": string(o.Kind), "address": o.Address.Mail(), "name": o.Name,
		"privacy": string(o.Privacy), "zone": o.Zone, "due": millis(o.Due), "expires": millis(o.Expires),
		"promise": string(o.Promise), "reminder": int64(o.Reminder), "notice": o.Notice,
		"date": o.Date.String(), "meant": millis(o.Meant), "version": o.Version,
	}
}

func oneOffFrom(it Item) mend.OneOff {
	return mend.OneOff{
		Person: personID(it), ID: mend.ItemID(afterPrefix(it, "ONCE#")),
		Kind: mend.Kind(it.text("kind")), Address: mend.StoredAddress(it.text("address")),
		Name: it.text("name"), Privacy: mend.Privacy(it.text("privacy")), Zone: it.text("zone"),
		Due: it.instant("due"), Expires: it.instant("expires"),
		Promise: mend.ItemID(it.text("promise")), Reminder: uint8(it.number("reminder")), Notice: it.text("notice"),
		Date: it.date("date"), Meant: it.instant("meant"),
		Claim: mend.Claim{Nonce: it.text("nonce"), State: mend.ClaimState(it.text("claim")),
			At: it.instant("claimAt")},
		Attempts: int(it.number("attempts")), Version: it.number("version"),
	}
}

func letterItem(l mend.Letter) Item {
	return Item{
		"kind": string(l.Kind), "outcome": string(l.Outcome), "nonce": l.Nonce, "card": int64(l.Card),
		"question": l.Question, "messageId": l.MessageID, "at": millis(l.At), "delivered": millis(l.Delivered),
		"bounced": millis(l.Bounced),
	}
}

func letterFrom(it Item) mend.Letter {
	return mend.Letter{
		Person: personID(it), Of: letterOfFrom(afterPrefix(it, "LETTER#")), Kind: mend.Kind(it.text("kind")),
		Outcome: mend.Outcome(it.text("outcome")), Nonce: it.text("nonce"), Card: int(it.number("card")),
		Question: it.text("question"), MessageID: it.text("messageId"), At: it.instant("at"),
		Delivered: it.instant("delivered"), Bounced: it.instant("bounced"),
	}
}

// letterOfFrom undoes letterOf. A subscription's number has two digits, a thing has eight
// characters.
func letterOfFrom(s string) mend.LetterKey {
	day, which, _ := strings.Cut(s, "#")
	date, _ := mend.ParseDate(day)
	if len(which) == 2 {
		n, _ := strconv.ParseUint(which, 10, 8)
		return mend.LetterKey{Date: date, Subscription: uint8(n)}
	}
	return mend.LetterKey{Date: date, OneOff: mend.ItemID(which)}
}

func replyItem(r mend.Reply) (Item, error) {
	answers, err := json.Marshal(r.Answers)
	if err != nil {
		return nil, fmt.Errorf("encode the answers of a reply: %w", err)
	}
	if len(answers) > mostAnswers {
		answers = []byte("null")
	}
	return Item{
		"at": millis(r.At), "date": r.Date.String(), "words": r.Words, "question": r.Question,
		"answers": string(answers), "mood": int64(r.Mood), "attachments": int64(r.Attachments),
		"attachmentNames": strings.Join(r.AttachmentNames, "\n"), "flag": string(r.Flag), "starred": r.Starred,
		"muted": r.Muted, "wrote": r.Wrote,
	}, nil
}

func replyFrom(it Item) (mend.Reply, error) {
	which := afterPrefix(it, "REPLY#")
	cut := strings.LastIndexByte(which, '#')
	if cut < 0 {
		return mend.Reply{}, fmt.Errorf("reply with the sort key of another item")
	}
	r := mend.Reply{
		Person: personID(it), Of: letterOfFrom(which[:cut]), Hash: which[cut+1:],
		At: it.instant("at"), Date: it.date("date"), Words: it.text("words"), Question: it.text("question"),
		Mood: int(it.number("mood")), Attachments: int(it.number("attachments")), Flag: mend.ReplyFlag(it.text("flag")),
		Starred: it.flag("starred"), Muted: it.flag("muted"), Wrote: it.flag("wrote"),
	}
	if names := it.text("attachmentNames"); names != "" {
		r.AttachmentNames = strings.Split(names, "\n")
	}
	if err := json.Unmarshal([]byte(it.text("answers")), &r.Answers); err != nil {
		return mend.Reply{}, fmt.Errorf("decode the answers of a reply: %w", err)
	}
	return r, nil
}

func promiseItem(p mend.Promise) Item {
	return Item{
		"words": p.Words, "due": p.Due.String(), "state": string(p.State), "made": millis(p.Made),
		"closed":    millis(p.Closed),
		"showWords": p.ShowWords, "hold": p.Hold.String(),
	}
}

func promiseFrom(it Item) mend.Promise {
	return mend.Promise{
		Person: personID(it), ID: mend.ItemID(afterPrefix(it, "PROMISE#")), Words: it.text("words"),
		Due: it.date("due"), State: mend.PromiseState(it.text("state")), Made: it.instant("made"),
		Closed:    it.instant("closed"),
		ShowWords: it.flag("showWords"), Hold: mend.ParseHold(it.text("hold")),
	}
}

// encodeMembers writes the members of a page as text, 17 bytes each, so that a whole page is an
// item of less than 2 KB: the id and, as one character, the number of the subscription. A one-off
// has the number 0, and its own id after that.
func encodeMembers(members []DeliveryKey) string {
	var b strings.Builder
	for _, m := range members {
		b.WriteString(string(m.Person))
		b.WriteRune(numberBase + rune(m.Number))
		b.WriteString(string(m.OneOff))
	}
	return b.String()
}

const (
	idSize     = 16
	numberBase = '0'
)

func decodeMembers(s string) []DeliveryKey {
	var members []DeliveryKey
	for len(s) > idSize {
		number, size := utf8.DecodeRuneInString(s[idSize:])
		m := DeliveryKey{Person: mend.ID(s[:idSize]), Number: uint8(number - numberBase)}
		if s = s[idSize+size:]; m.Number == 0 {
			m.OneOff, s = mend.ItemID(s), ""
		}
		members = append(members, m)
	}
	return members
}
