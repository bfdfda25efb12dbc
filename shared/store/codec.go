package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// attribute is the value of one; zero for one that is absent or of another type.
func attribute[T any](it Item, attr string) T {
	v, _ := it[attr].(T)
	return v
}

func (it Item) text(attr string) string       { return attribute[string](it, attr) }
func (it Item) number(attr string) int64      { return attribute[int64](it, attr) }
func (it Item) flag(attr string) bool         { return attribute[bool](it, attr) }
func (it Item) bytes(attr string) []byte      { return attribute[[]byte](it, attr) }
func (it Item) instant(attr string) time.Time { return fromMillis(it.number(attr)) }
func (it Item) date(attr string) mend.Date    { return dateFrom(it.text(attr)) }

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
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

// stepText writes all of a step but the cards seen in few bytes; readStep reads it back.
func stepText(s mend.Step) string {
	return strings.Join([]string{
		strconv.Itoa(s.Round), strconv.Itoa(s.LastCard), strconv.Itoa(int(s.Closed)), s.Began.String(),
		strconv.Itoa(s.Asked), strconv.Itoa(s.LookedBack), shortInstant(s.MoodAnswered), shortInstant(s.LightAfter),
		s.PartBegan.String(), s.WeekKind,
	}, "|")
}

func readStep(s *mend.Step, text string) {
	f := strings.SplitN(text, "|", 10)
	if len(f) != 10 {
		return
	}
	number := func(i int) int { n, _ := strconv.Atoi(f[i]); return n }
	s.Round, s.LastCard, s.Closed = number(0), number(1), uint8(number(2))
	s.Began = dateFrom(f[3])
	s.Asked, s.LookedBack = number(4), number(5)
	s.MoodAnswered, s.LightAfter = instantFromShort(f[6]), instantFromShort(f[7])
	s.PartBegan = dateFrom(f[8])
	s.WeekKind = f[9]
}

// shortInstant writes milliseconds in base 36: a claim pays for each kilobyte.
func shortInstant(t time.Time) string { return strconv.FormatInt(millis(t), 36) }

func instantFromShort(text string) time.Time {
	n, _ := strconv.ParseInt(text, 36, 64)
	return fromMillis(n)
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
	s := mend.Subscription{Person: personID(it), Number: uint8(n), Slot: it.text(AttrSlot)}
	settingsFields(&s).read(it)
	progressFields(&s.Progress).read(it)
	heardFields(&s).read(it)
	return s
}

// rule writes a cadence without its zone; readRule reads it back.
func rule(c mend.Cadence) string {
	return strings.Join([]string{
		string(c.Kind), strconv.Itoa(int(c.Days)), strconv.Itoa(c.Every), strconv.Itoa(c.Day), strconv.Itoa(c.Nth),
		strconv.Itoa(int(c.Month)), c.Anchor.String(), c.Time.String(),
	}, "|")
}

// readRule reads a rule. One that it cannot read is of no kind, and falls on no date.
func readRule(c *mend.Cadence, text string) {
	f := strings.Split(text, "|")
	if len(f) != 8 {
		return
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	at, _ := mend.ParseTimeOfDay(f[7])
	*c = mend.Cadence{
		Kind: mend.CadenceKind(f[0]), Days: mend.Weekdays(number(f[1])), Every: number(f[2]),
		Day: number(f[3]), Nth: number(f[4]), Month: time.Month(number(f[5])),
		Anchor: dateFrom(f[6]), Time: at, Zone: c.Zone,
	}
}

func personFrom(it Item) mend.Person {
	p := mend.Person{ID: personID(it)}
	personFields(&p).read(it)
	return p
}

func oneOffFrom(it Item) mend.OneOff {
	o := mend.OneOff{Person: personID(it), ID: mend.ItemID(afterPrefix(it, "ONCE#"))}
	oneOffFields(&o).read(it)
	attemptFields(&o).read(it)
	return o
}

func letterFrom(it Item) mend.Letter {
	l := mend.Letter{Person: personID(it), Of: letterOfFrom(afterPrefix(it, "LETTER#"))}
	letterFields(&l).read(it)
	return l
}

func replyFrom(it Item) mend.Reply {
	which := afterPrefix(it, "REPLY#")
	cut := strings.LastIndexByte(which, '#')
	r := mend.Reply{Person: personID(it), Of: letterOfFrom(which[:cut]), Hash: which[cut+1:]}
	replyFields(&r).read(it)
	return r
}

func promiseFrom(it Item) mend.Promise {
	p := mend.Promise{Person: personID(it), ID: mend.ItemID(afterPrefix(it, "PROMISE#"))}
	promiseFields(&p).read(it)
	return p
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
