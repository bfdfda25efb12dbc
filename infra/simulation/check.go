package simulation

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// The bounds that the design names, and the most by which two clocks differ.
const (
	window    = 6 * time.Hour
	claimLife = 20 * time.Second // from a claim to the end of its call
	unsettled = 15 * time.Minute // an outcome is unknown for so long
	awaited   = 5 * time.Minute  // the same for the letters that someone waits for
	mostSkew  = 2 * time.Second
	// with quotas of two a second, four invocations that know nothing of each other can meet in one
	rateOver    = 10 * time.Second
	unheard     = 5 * time.Second // evidence that comes so shortly before a second attempt may be missed by it
	notice      = 5 * time.Minute // a rule that is younger may be missed by a tick
	healingTime = 30 * time.Hour
)

// checker evaluates the invariants of the design. It sees what was written to the table, what the
// mail service was asked and took, and the virtual time; of the service it knows nothing.
type checker struct {
	world     *world
	violation *Violation

	persons   map[string]*life // by partition
	subs      map[store.Key]*series
	claims    map[string]*claimed // by nonce
	accepted  map[string][]*mailed
	signIns   map[store.Key]*mailed // by the key under which the use of its link is noted
	starts    []int64               // of the calls within the last seconds
	refusals  []int64               // when the mail service said that it takes nothing, lately
	replies   map[string]*wroteBack
	gone      map[mend.ID]*somebody      // erased, and their request was answered
	kept      map[mend.ID]mend.Retention // as their request was answered last
	rests     map[store.Key]bool         // reminders and promises that wait to be looked over
	made      map[store.Key]int64        // one-offs, and when they were
	asked     map[string]time.Time       // occurrences that were asked for now, and when
	standsIn  map[string]bool            // check-ins that were handed out in place of a digest that was left out
	warned    map[string]int64           // partition and address, and when they were told of a quarantined reply
	restores  []restoration
	erasing   map[string]bool // partitions of people of whom the mark is left
	slots     []*slot         // in which anybody ever stood
	handedOut watermarks
	open      map[store.Key]int64 // pages and one-offs that have not come to their end, and when they are due
}

// life is where a person stands, as committed; a restore does not make us forget.
type life struct {
	status  string
	stopped int64 // since when nothing may be claimed; 0: letters may go
	since   int64 // of the status

	address   string // where letters go
	moved     int64  // there
	privacy   string
	retention string
	paused    string // until this date
	quieter   int64  // when one of the last three changed
	wordless  bool   // there was a time of which no words are kept
	noContact int64  // since when; 0: not
}

// series is the history of the settings of one subscription.
type series struct {
	key     store.Key
	periods []period
}

// period is a stretch of time in which one generation of settings was in force.
type period struct {
	from, to int64 // to 0: still
	item     store.Item
}

type claimed struct {
	key     store.Key
	date    mend.Date
	at      int64
	calls   int
	item    store.Item // as it was claimed
	due     time.Time
	expires time.Time
	by      *process
	ended   bool // released, or closed
}

type wroteBack struct {
	by        mend.ID
	mark      string
	automatic bool   // sent by a machine
	flagged   bool   // not surely theirs
	confirmed bool   // by them, or they tried to
	dropped   bool   // it has a virus
	pending   bool   // when it came they had not said yes, or a restore forgot it
	onPage    bool   // not mailed at all
	letter    string // which it answers, by date and name, as it was stored last
	at        int64
	stored    int
	promises  int
}

// restoration is a restore: what happened between the two is not in the table any more.
type restoration struct{ backup, done int64 } // done is 0 until the restore has succeeded

func newChecker(w *world) *checker {
	return &checker{
		world: w, persons: map[string]*life{}, subs: map[store.Key]*series{}, claims: map[string]*claimed{},
		accepted: map[string][]*mailed{}, signIns: map[store.Key]*mailed{}, replies: map[string]*wroteBack{},
		gone: map[mend.ID]*somebody{}, open: map[store.Key]int64{}, erasing: map[string]bool{},
		kept:  map[mend.ID]mend.Retention{},
		rests: map[store.Key]bool{}, made: map[store.Key]int64{}, asked: map[string]time.Time{},
		standsIn: map[string]bool{}, warned: map[string]int64{},
	}
}

// broken notes the first violation: the world ends there.
func (c *checker) broken(invariant int, format string, args ...any) {
	if c.violation == nil {
		c.violation = &Violation{
			Seed:      c.world.seed,
			Invariant: invariant,
			Step:      c.world.steps,
			What:      fmt.Sprintf(format, args...),
		}
		c.world.tracef("VIOLATION of invariant %d: %s", invariant, c.violation.What)
	}
}

func text(it store.Item, attr string) string { s, _ := it[attr].(string); return s }

func number(it store.Item, attr string) int64 { n, _ := it[attr].(int64); return n }

func instant(it store.Item, attr string) time.Time { return time.UnixMilli(number(it, attr)).UTC() }

func date(it store.Item, attr string) mend.Date {
	d, _ := mend.ParseDate(text(it, attr))
	return d
}

// wrote is a write that committed.
func (c *checker) wrote(key store.Key, old, item store.Item) {
	if old["later"] != nil && item != nil && item["later"] == nil && text(item, "status") != "erasing" &&
		key.PK != "SYS" && key.SK != "WISH" && !strings.HasPrefix(key.SK, "GONE#") {
		c.broken(4, "%s %s: what another version wrote was lost", key.PK, key.SK)
	}
	if id, isPerson := strings.CutPrefix(key.PK, "P#"); isPerson {
		kind, _, _ := strings.Cut(key.SK, "#")
		switch kind {
		case "PERSON":
			c.wrotePerson(key, item)
		case "SUB":
			c.wroteSubscription(key, old, item)
		case "ONCE":
			c.wroteOneOff(key, old, item)
		case "LETTER":
			c.wroteLetter(key, old, item)
		case "REPLY":
			c.wroteReply(mend.ID(id), key, old, item)
		case "PROMISE":
			c.wrotePromise(mend.ID(id), old, item)
		case "SIGNIN":
			c.letIn(key, item)
		}
		return
	}
	switch {
	case strings.HasPrefix(key.PK, "A#"):
		for _, closed := range []string{"blocked", "bounced"} {
			was, _ := old[closed].(bool)
			if is, _ := item[closed].(bool); was && !is {
				c.broken(8, "%s: an address that was %s was opened or forgotten", key.PK, closed)
			}
		}
		id := "P#" + text(old, "person")
		if item == nil && text(c.world.table.Peek(store.Key{PK: id, SK: "PERSON"}), "status") == "active" {
			c.broken(8, "%s: the address of %s, who gets letters there, was forgotten", key.PK, id)
		}
	case strings.HasPrefix(key.PK, "PAGE#"):
		c.wrotePage(key, old, item)
	case old == nil && strings.HasPrefix(key.SK, "SLOT#"):
		c.wroteSlot(strings.Split(key.SK[len("SLOT#"):], "|"))
	case key.SK == "WATERMARK":
		c.moved(old, item)
	}
}

func (c *checker) wrotePerson(key store.Key, item store.Item) {
	l := c.persons[key.PK]
	if l == nil {
		l = &life{}
		c.persons[key.PK] = l
	}
	status := text(item, "status")
	if item == nil {
		status = "gone"
	}
	if status == "active" {
		c.alone(key, text(item, "address"))
	}
	if delete(c.erasing, key.PK); status == "erasing" {
		c.erasing[key.PK] = true
	}
	c.wishes(l, key, item)
	if status == l.status {
		return
	}
	l.status, l.since = status, c.world.now
	switch status {
	case "active", "pending":
		l.stopped = 0
	default:
		if l.stopped == 0 {
			l.stopped = c.world.now
		}
	}
}

// alone is one address, one person.
func (c *checker) alone(key store.Key, address string) {
	for _, other := range slices.Sorted(maps.Keys(c.persons)) {
		it := c.world.table.Peek(store.Key{PK: other, SK: "PERSON"})
		if other != key.PK && text(it, "status") == "active" && text(it, "address") == address {
			c.broken(8, "%s gets letters at %s, and so does %s", key.PK, address, other)
		}
	}
}

// wishes notes how somebody wants their letters to be.
func (c *checker) wishes(l *life, key store.Key, item store.Item) {
	now := c.world.now
	if item == nil || text(item, "status") == "erasing" {
		return
	}
	if address := text(item, "address"); address != l.address {
		l.address, l.moved = address, now
	}
	privacy, retention, paused := text(item, "privacy"), text(item, "retention"), heldUntil(item)
	if retention != l.retention {
		delete(c.kept, mend.ID(strings.TrimPrefix(key.PK, "P#"))) // until they are told that it is done
	}
	if privacy != l.privacy || retention != l.retention || paused != l.paused {
		l.privacy, l.retention, l.paused, l.quieter = privacy, retention, paused, now
	}
	l.wordless = l.wordless || retention == string(mend.KeepNone)
	noContact, _ := item["noContact"].(bool)
	switch {
	case !noContact:
		l.noContact = 0
	case l.noContact == 0:
		l.noContact = now
		c.rest(key.PK)
	}
}

// rest notes what has to be looked over by somebody who was told no: their reminders, and the
// promises about which a letter waits.
func (c *checker) rest(partition string) {
	for _, item := range c.world.table.Items(partition) {
		kind, _, _ := strings.Cut(item.Key().SK, "#")
		switch {
		case kind == "SUB" && text(item, "kind") == "reminder" && text(item, "status") != "off":
			c.rests[item.Key()] = true
		case kind == "ONCE" && text(item, "claim") != "open" && text(item, "claim") != "ended" &&
			text(item, "kind") == "promise":
			promise := store.Key{PK: partition, SK: "PROMISE#" + text(item, "promise")}
			it := c.world.table.Peek(promise)
			if text(it, "state") == "open" && instant(item, "due").UnixNano() > c.world.now {
				c.rests[promise] = true
			}
		}
	}
}

// resting is what somebody has to look over.
func (c *checker) resting(id mend.ID) []store.Key {
	var keys []store.Key
	for key := range c.rests {
		if key.PK == "P#"+string(id) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b store.Key) int { return strings.Compare(a.SK, b.SK) })
	return keys
}

// lookedOver is what they say may go on.
func (c *checker) lookedOver(key store.Key) { delete(c.rests, key) }

// noTakenBack notes that someone says, within the hour, that no one told them no. What rests goes
// on.
func noTakenBack(c *checker, id mend.ID) {
	if l := c.persons["P#"+string(id)]; l != nil && c.world.now-l.noContact <= int64(time.Hour) {
		for _, key := range c.resting(id) {
			c.lookedOver(key)
		}
	}
}

// keeps is somebody who was told that their words are kept for so long.
func (c *checker) keeps(id mend.ID, retention mend.Retention) { c.kept[id] = retention }

func (c *checker) wroteSubscription(key store.Key, old, item store.Item) {
	now := c.world.now
	if item != nil && text(item, "kind") == "" {
		c.broken(4, "%s %s: a subscription of no kind", key.PK, key.SK)
	}
	s := c.subs[key]
	if s == nil {
		s = &series{key: key}
		c.subs[key] = s
	}
	if item == nil || old == nil || settingsChanged(old, item) {
		if n := len(s.periods); n > 0 && s.periods[n-1].to == 0 {
			s.periods[n-1].to = now
		}
		if item != nil {
			s.periods = append(s.periods, period{from: now, item: item})
		}
	}
	c.claimEnded(key, old, item)
	if item == nil || old == nil {
		return
	}
	if text(item, "status") == "off" {
		delete(c.rests, key)
	}
	if text(item, "lastDate") < text(old, "lastDate") {
		c.broken(5, "%s: the last date moved back from %s to %s",
			key.PK+key.SK, text(old, "lastDate"), text(item, "lastDate"))
	}
	if nonce := text(item, "nonce"); nonce != text(old, "nonce") && text(item, "claim") == "open" {
		c.claimedSubscription(key, old, item, nonce)
	}
}

// settingsChanged reports whether the version of a subscription moved, and no claim moved it.
func settingsChanged(old, item store.Item) bool {
	return number(old, "version") != number(item, "version") && text(old, "nonce") == text(item, "nonce") &&
		text(old, "lastDate") == text(item, "lastDate")
}

// claimEnded looks at a claim that is not open any more: only who made it may give it back,
// and an erasure ends it.
func (c *checker) claimEnded(key store.Key, old, item store.Item) {
	claim := c.claims[text(old, "nonce")]
	if claim == nil || text(old, "claim") != "open" {
		return
	}
	released := text(item, "claim") == "released"
	if released && claim.by != c.world.current {
		c.broken(1, "%s %s: a claim was released that is somebody else's", key.PK, key.SK)
	}
	done := text(item, "claim") == "ended"
	others := claim.by != c.world.current && c.world.living[claim.by]
	if done && others && claim.calls == 0 && !wasTaken(c.world, key, old) {
		c.broken(1, "%s %s was closed while another's claim is open", key.PK, key.SK)
	}
	claim.ended = claim.ended || released || item == nil || done
}

// wasTaken reports a one-off that the mail service is known to have taken: a second attempt then
// makes no call, so any process that reads this may close it.
func wasTaken(w *world, key store.Key, item store.Item) bool {
	id, once := strings.CutPrefix(key.SK, "ONCE#")
	record := w.table.Peek(recordKey(key.PK, text(item, "date"), id))
	return once && text(record, "outcome") == string(mend.Accepted)
}

// processEnded looks at what a process leaves behind that neither crashed nor met with any trouble:
// a claim of which no call was made is a letter lost.
func (c *checker) processEnded(p *process) {
	if p.crashed || p.troubled {
		return
	}
	for _, claim := range p.claims {
		if claim.calls == 0 && !claim.ended {
			c.broken(4, "%s %s was claimed, and neither sent nor released", claim.key.PK, claim.key.SK)
		}
	}
}

func (c *checker) claimedSubscription(key store.Key, old, item store.Item, nonce string) {
	now := c.world.now
	d := date(item, "lastDate")
	if text(old, "lastDate") == text(item, "lastDate") && text(old, "claim") != "released" {
		c.broken(1, "%s of %s was claimed while the claim of %s is open", key.PK+key.SK, d, instant(old, "claimAt"))
	}
	c.mayBeClaimed(key, nonce)
	if text(item, "status") != "active" {
		c.broken(3, "%s was claimed while it is %s", key.PK+key.SK, text(item, "status"))
	}
	due, falls := c.falls(item, d)
	if c.standsIn[key.PK+key.SK+d.String()] {
		due, falls = c.fallsUnlessReplaced(item, d)
	}
	at, asked := c.asked[key.PK+key.SK+d.String()]
	inTime := falls && now >= due.UnixNano()-int64(mostSkew) && now <= due.Add(window).UnixNano()
	if asked && !inTime && heldUntil(item) <= d.String() {
		due, falls = at, true
	}
	c.mayBeSaid(key, old, item, d)
	if !falls {
		c.broken(3, "%s was claimed for %s, on which nothing is due by the rule in force (%s, from %s, "+
			"paused until %s)",
			key.PK+key.SK, d, text(item, "rule"), text(item, "firstDate"), heldUntil(item))
	}
	c.claimed(nonce,
		&claimed{key: key, date: d, at: now, item: item, due: due, expires: due.Add(window), by: c.world.current})
}

func (c *checker) claimed(nonce string, claim *claimed) {
	c.claims[nonce] = claim
	if claim.by != nil {
		claim.by.claims = append(claim.by.claims, claim)
	}
}

// mayBeSaid is about what a letter of a subscription says.
func (c *checker) mayBeSaid(key store.Key, old, item store.Item, d mend.Date) {
	l := c.persons[key.PK]
	if l == nil {
		return
	}
	if c.rests[key] && l.noContact != 0 {
		c.broken(3, "%s %s, a reminder, comes although they were told no at %s and have not looked it over",
			key.PK, key.SK, time.Unix(0, l.noContact).UTC())
	}
	if text(item, "kind") != "checkin" {
		return
	}
	if path := text(item, "path"); !mend.PathFits(path, l.noContact != 0) || path == mend.Apart && l.noContact == 0 {
		c.broken(3, "%s: a check-in of the path %s, and no-contact since %d", key.PK, path, l.noContact)
	}
	card, ok := c.world.rig.svc.Sending.Library.ByNumber(int(number(item, "card")))
	if l.noContact != 0 && ok && card.Contact != "none" {
		c.broken(3, "%s: the card %s asks for contact, and they were told no at %s",
			key.PK, card.ID, time.Unix(0, l.noContact).UTC())
	}
	silent := max(text(old, "lastReply"), text(old, "firstDate"), heldUntil(old))
	since, _ := mend.ParseDate(silent)
	if d.Days()-since.Days() >= 365 {
		c.broken(3, "%s: a check-in of %s after a year of silence, since %s", key.PK, d, silent)
	}
	if len(c.restores) > 0 {
		return
	}
	asked, last := date(item, "asked"), date(old, "asked")
	if asked != last && asked.FirstOfMonth() == last.FirstOfMonth() {
		c.broken(5, "%s: a question rides along on %s, and another did on %s", key.PK, asked, last)
	}
	if offered, last := text(item, "offered"), text(old, "offered"); offered != last && last >= silent {
		c.broken(5, "%s: a slower rhythm is offered on %s, and was on %s; silent since %s",
			key.PK, offered, last, silent)
	}
}

// mayBeClaimed is about the person alone.
func (c *checker) mayBeClaimed(key store.Key, nonce string) {
	if l := c.persons[key.PK]; l != nil && l.stopped != 0 && key.SK[:4] == "SUB#" {
		c.broken(3, "%s was claimed although the person is %s since %s",
			key.PK+key.SK, l.status, time.Unix(0, l.stopped).UTC())
	}
	if c.claims[nonce] != nil {
		c.broken(1, "%s: the nonce %s was used before", key.PK+key.SK, nonce)
	}
}

// falls judges a date by the settings of an item: when it is due, and whether a letter is.
func (c *checker) falls(item store.Item, d mend.Date) (time.Time, bool) {
	due, falls := c.fallsUnlessReplaced(item, d)
	return due, falls && !replaced(item, d)
}

// replaced reports whether a digest replaces the check-in of a date (design, section 6): it is the
// day of the digest, and the check-ins fall on one of the six days after it.
func replaced(item store.Item, d mend.Date) bool {
	digestDay := int(number(item, "digestDay"))
	if digestDay == 0 || min(digestDay, d.DaysInMonth()) != d.Day || text(item, "digestFrom") > d.String() ||
		text(item, "kind") != "checkin" {
		return false
	}
	return followed(item, d)
}

// followed reports whether a check-in follows within six days.
func followed(item store.Item, d mend.Date) bool {
	rule, _ := ruleOf(item)
	next, ok := cadence.Next(rule, d.AddDays(1))
	return ok && next.Days()-d.Days() < 7
}

// heldUntil is the date from which on nothing holds back the letters of a person or of a
// subscription; "open", which is greater than any, where that is for the person to say.
func heldUntil(item store.Item) string {
	until, _, _ := strings.Cut(text(item, "hold"), " ")
	return until
}

// fallsUnlessReplaced is falls without regard to digests.
func (c *checker) fallsUnlessReplaced(item store.Item, d mend.Date) (time.Time, bool) {
	rule, ok := ruleOf(item)
	if !ok {
		return time.Time{}, false
	}
	due := c.world.rig.instants.at(rule.Zone, d, rule.Time)
	return due, cadence.Falls(rule, d) && text(item, "firstDate") <= d.String() && heldUntil(item) <= d.String()
}

// ruleOf reads a stored cadence.
func ruleOf(item store.Item) (mend.Cadence, bool) {
	f := strings.Split(text(item, "rule"), "|")
	if len(f) != 8 {
		return mend.Cadence{}, false
	}
	n := func(i int) int { v, _ := strconv.Atoi(f[i]); return v }
	anchor, _ := mend.ParseDate(f[6])
	at, err := mend.ParseTimeOfDay(f[7])
	return mend.Cadence{
		Kind: mend.CadenceKind(f[0]), Days: mend.Weekdays(n(1)), Every: n(2), Day: n(3), Nth: n(4),
		Month: time.Month(n(5)), Anchor: anchor, Time: at, Zone: text(item, "zone"),
	}, err == nil
}

func (c *checker) wroteOneOff(key store.Key, old, item store.Item) {
	if item != nil && text(item, "claim") != "ended" {
		c.open[key] = instant(item, "due").UnixNano()
	} else {
		delete(c.open, key)
	}
	if item != nil && text(item, "kind") == "" {
		c.broken(4, "%s %s: a one-off of no kind", key.PK, key.SK)
	}
	if item != nil && old == nil {
		if _, before := c.made[key]; before {
			c.broken(3, "%s %s was cancelled, and is there again", key.PK, key.SK)
		}
		c.made[key] = c.world.now
		c.warnedOnce(key, item)
	}
	c.claimEnded(key, old, item)
	if item == nil || old == nil {
		return
	}
	if text(old, "claim") == "ended" && text(item, "claim") != "ended" {
		c.broken(3, "%s %s had ended, and is %s again", key.PK, key.SK, text(item, "claim"))
	}
	nonce := text(item, "nonce")
	if nonce == text(old, "nonce") || text(item, "claim") != "open" {
		return
	}
	now := c.world.now
	c.mayBeClaimed(key, nonce)
	c.mayCome(key, item)
	if text(old, "claim") == "open" {
		// by the clock of the first, whose write may have been slow
		waited := time.Unix(0, now).Sub(instant(old, "claimAt"))
		kind, unknown := text(item, "kind"), unsettled
		if kind == "confirmation" || kind == "signin" {
			unknown = awaited
		}
		switch {
		case !mayComeTwice(item):
			c.broken(1, "%s %s, a %s, was claimed a second time", key.PK, key.SK, kind)
		case number(item, "attempts") != 2:
			c.broken(2, "%s %s: attempt %d", key.PK, key.SK, number(item, "attempts"))
		case waited < unknown-mostSkew:
			c.broken(1, "%s %s was claimed again %s after the first claim", key.PK, key.SK, waited)
		}
	}
	c.claimed(nonce, &claimed{
		key: key, at: now, item: item, due: instant(item, "due"), expires: instant(item, "expires"),
		by: c.world.current,
	})
}

// mayCome is about promises and what was snoozed: nobody is asked about what rests or is
// answered, or during a pause.
func (c *checker) mayCome(key store.Key, item store.Item) {
	l, kind, now := c.persons[key.PK], text(item, "kind"), c.world.now
	if l == nil || kind != "promise" && kind != "reminder" {
		return
	}
	zone := must(cadence.Zone(text(item, "zone")))
	if today := mend.DateOf(c.world.Now().In(zone)).String(); today < l.paused && now-l.quieter > int64(claimLife) {
		c.broken(3, "%s %s, a %s, comes on %s during a pause until %s", key.PK, key.SK, kind, today, l.paused)
	}
	if kind == "reminder" {
		if l.noContact != 0 && c.made[key] < l.noContact {
			c.broken(3, "%s %s was snoozed before they were told no at %s",
				key.PK, key.SK, time.Unix(0, l.noContact).UTC())
		}
		return
	}
	promise := store.Key{PK: key.PK, SK: "PROMISE#" + text(item, "promise")}
	if c.rests[promise] {
		c.broken(3, "%s %s asks about a promise, and they were told no at %s and have not looked it over",
			key.PK, key.SK, time.Unix(0, l.noContact).UTC())
	}
	if it := c.world.table.Peek(promise); (text(it, "state") != "open" || text(it, "hold") != "") &&
		now-c.world.table.ChangedAt(promise) > int64(claimLife) {
		c.broken(2, "%s %s asks about a promise that is %q", key.PK, key.SK, text(it, "state"))
	}
}

// warnedOnce is about the notice of a quarantined reply, of which there is one a day at most.
func (c *checker) warnedOnce(key store.Key, item store.Item) {
	if text(item, "notice") != "reply-quarantined" {
		return
	}
	whom := key.PK + text(item, "address")
	if last := c.warned[whom]; last != 0 && c.world.now-last < int64(24*time.Hour-time.Minute) && len(c.restores) == 0 {
		c.broken(7, "%s is told of a quarantined reply, and was at %s", key.PK, time.Unix(0, last).UTC())
	}
	c.warned[whom] = c.world.now
}

func (c *checker) wroteLetter(key store.Key, old, item store.Item) {
	if item == nil {
		return
	}
	outcome := text(item, "outcome")
	if claim := c.claims[text(item, "nonce")]; claim != nil {
		claim.ended = true // it could not be composed
	}
	if outcome == "" {
		c.broken(1, "%s %s: a record without an outcome", key.PK, key.SK)
	}
	if old == nil {
		return
	}
	was := text(old, "outcome")
	if was == "accepted" && outcome != "accepted" {
		c.broken(1, "%s %s: %s was recorded over accepted", key.PK, key.SK, outcome)
	}
	if was == "accepted" && text(old, "nonce") != text(item, "nonce") {
		c.broken(1, "%s %s: accepted was recorded over accepted of another attempt", key.PK, key.SK)
	}
	newer, this := c.claims[text(old, "nonce")], c.claims[text(item, "nonce")]
	if newer != nil && this != nil && newer.at > this.at && outcome != "accepted" {
		c.broken(1, "%s %s: a stale attempt recorded %s over %s of a newer one", key.PK, key.SK, outcome, was)
	}
}

func (c *checker) wroteReply(id mend.ID, key store.Key, old, item store.Item) {
	if item == nil {
		if r := c.replies[markIn(text(old, "words"))]; r != nil && r.onPage {
			r.stored = 0 // deleted: if the form is sent again after that, it is a new entry
		}
		return
	}
	if item["at"] == nil {
		c.broken(7, "%s %s: a reply of nothing", key.PK, key.SK)
	}
	if old != nil && text(old, "words") != text(item, "words") || text(item, "words") == "" {
		return // they gave it other words, or none are kept
	}
	mark := markIn(text(item, "words"))
	r := c.replies[mark]
	if old != nil && (r == nil || r.confirmed || text(old, "flag") == text(item, "flag")) {
		return // marked, or confirmed
	}
	switch {
	case old != nil:
		c.broken(7, "%s %s: a reply was stored over itself", key.PK, key.SK)
	case r == nil:
		c.broken(7, "%s %s: a reply that nobody wrote: %q", key.PK, key.SK, text(item, "words"))
	case r.by != id:
		c.broken(7, "%s %s: a reply of %s", key.PK, key.SK, r.by)
	case r.automatic || r.dropped:
		c.broken(7, "%s %s: a machine's mail, or a virus, was kept as a reply", key.PK, key.SK)
	case r.flagged && text(item, "flag") == "":
		c.broken(7, "%s %s: a reply that is not surely theirs was kept as if it were", key.PK, key.SK)
	default:
		letter := key.SK[:strings.LastIndex(key.SK, "#")]
		if r.onPage && r.letter != letter {
			r.stored = 0 // written again on another day: by midnight, or because they travelled
		}
		r.letter = letter
		if r.stored++; r.stored > 1 && len(c.restores) == 0 {
			c.broken(7, "%s %s: a reply was stored twice", key.PK, key.SK)
		}
		if !r.onPage {
			c.world.counts.RepliesStored++
		}
	}
}

func (c *checker) wrotePromise(id mend.ID, old, item store.Item) {
	if item == nil || old != nil {
		return
	}
	r := c.replies[markIn(text(item, "words"))]
	switch {
	case r == nil:
		return
	case r.by != id:
		c.broken(7, "a promise of %s was given to %s", r.by, id)
	case r.flagged && !r.confirmed:
		c.broken(7, "a reply that is not surely theirs made a promise for %s", id)
	default:
		if r.promises++; r.promises > 1 && len(c.restores) == 0 {
			c.broken(7, "one reply made two promises")
		}
	}
}

// markIn is the mark in somebody's words, by which they are known again; "" if there is none.
func markIn(words string) string { return marks.FindString(words) }

var marks = regexp.MustCompile(`zq\.\d+\.q`)

// pageStandsIn is about a check-in that is handed out in place of a digest: of someone who wants
// none of a quiet month.
func (c *checker) pageStandsIn(page store.Item) {
	member, d := text(page, "members"), text(page, "date")
	person := "P#" + member[:len(member)-1]
	c.standsIn[person+"SUB#01"+d] = true
	digest := store.Key{PK: person, SK: "SUB#02"}
	changed := c.world.now - c.world.table.ChangedAt(digest) // perhaps after the sender had read it
	if quiet, _ := c.world.table.Peek(digest)["quiet"].(bool); !quiet && changed > int64(time.Minute) {
		c.broken(4, "%s: a check-in stands in for the digest of %s, and they want every digest", person, d)
	}
}

func isOpen(page store.Item) bool { return text(page, store.AttrSlot) == "open" }

func (c *checker) wrotePage(key store.Key, old, item store.Item) {
	if item == nil {
		return
	}
	open := isOpen(item)
	if open {
		c.open[key] = instant(item, "due").UnixNano()
	} else {
		delete(c.open, key)
	}
	if number(item, "count") == 0 && text(item, "after") == "" {
		c.broken(4, "%s %s: a page of nothing", key.PK, key.SK)
	}
	if old == nil {
		c.world.counts.Due += int(number(item, "count"))
		if asked, _ := item["asked"].(bool); asked {
			member := text(item, "members")
			c.asked["P#"+member[:len(member)-1]+"SUB#01"+text(item, "date")] = instant(item, "due")
		}
		if standsIn, _ := item["standsIn"].(bool); standsIn {
			c.pageStandsIn(item)
		}
		return
	}
	if open && !isOpen(old) {
		c.broken(4, "%s %s: a page that was done was opened again", key.PK, key.SK)
	}
	ended := int64(0)
	for _, outcome := range []string{"accepted", "failed", "givenUp", "expired", "released"} {
		ended += number(item, outcome)
	}
	if !open && ended != number(item, "count") {
		c.broken(4, "%s %s: %d were due and %d came to an end", key.PK, key.SK, number(item, "count"), ended)
	}
}

func (c *checker) wroteSlot(parts []string) {
	at, err := mend.ParseTimeOfDay(parts[1])
	if err != nil {
		c.broken(4, "a slot without a time of day: %v", parts)
		return
	}
	same := func(s *slot) bool { return s.name == parts[0] && s.time == at }
	if !slices.ContainsFunc(c.slots, same) {
		c.slots = append(c.slots, &slot{name: parts[0], zone: must(cadence.Zone(parts[0])), time: at})
	}
}

// unfinished reports whether anything that is due, or an erasure, has not come to its end.
func (c *checker) unfinished() bool {
	for _, due := range c.open {
		if due <= c.world.now {
			return true
		}
	}
	return len(c.erasing) > 0
}

// sweepNear reports whether a sweep can find anything now: after half an hour they come
// on the quarter.
func (c *checker) sweepNear() bool {
	now := c.world.now
	onQuarter := now%int64(cadence.Grid) < int64(beat)
	for _, due := range c.open {
		if due <= now && (onQuarter || now-due < int64(30*time.Minute)) {
			return true
		}
	}
	return len(c.erasing) > 0
}

// calls is a call to the mail service that begins.
func (c *checker) calls(o mend.Outgoing) {
	w := c.world
	w.counts.Calls++
	claim := c.claims[o.Attempt]
	if claim == nil {
		c.broken(1, "%s was sent under no claim that ever committed", o.Occurrence)
		return
	}
	if claim.calls++; claim.calls > 1 {
		c.broken(2, "%s: a second call under one claim", o.Occurrence)
	}
	if late := w.now - claim.at; late > int64(claimLife) {
		c.broken(3, "%s: a call %s after its claim", o.Occurrence, time.Duration(late))
	}
	if now := time.Unix(0, w.now); now.Before(claim.due.Add(-mostSkew)) || now.After(claim.expires.Add(mostSkew)) {
		c.broken(5, "%s: a call at %s, outside [%s, %s]", o.Occurrence, now.UTC(), claim.due, claim.expires)
	}
	l := c.persons[claim.key.PK]
	if l != nil && l.status == "pending" && o.Kind != mend.Confirmation && claim.at > l.since {
		c.broken(3, "%s, a %s, goes to somebody who is pending", o.Occurrence, o.Kind)
	}
	c.mayGoThere(o, claim)
	c.mayShow(o, claim)
	for len(c.starts) > 0 && c.starts[0] <= w.now-int64(rateOver) {
		c.starts = c.starts[1:]
	}
	c.starts = append(c.starts, w.now)
	if q := w.mail.quota; float64(len(c.starts)) > q*rateOver.Seconds() {
		c.broken(6, "%d calls within %s, and the quota is %g a second", len(c.starts), rateOver, q)
	}
	breaker := store.Key{PK: "SYS", SK: "BREAKER"}
	if it := w.table.Peek(breaker); it != nil && instant(it, "until").UnixNano() > w.now+int64(mostSkew) &&
		w.table.ChangedAt(breaker) < w.now-int64(claimLife) {
		c.broken(6, "%s: a call although the breaker is open until %s", o.Occurrence, instant(it, "until"))
	}
}

// mayGoThere is about the address: that which was theirs at the claim. Another is only asked
// whether it is theirs, and told that a move was asked for.
func (c *checker) mayGoThere(o mend.Outgoing, claim *claimed) {
	l := c.persons[claim.key.PK]
	if l == nil || l.address == "" || o.Kind == mend.Confirmation ||
		slices.Contains([]string{"erased", "address-change"}, text(claim.item, "notice")) || claim.at < l.moved {
		return
	}
	if to := o.To.Mail(); to != l.address {
		c.broken(3, "%s, a %s, goes to %s, and their address is %s since %s",
			o.Occurrence, o.Kind, to, l.address, time.Unix(0, l.moved).UTC())
	}
}

// letIn is the use of a sign-in link, in the write that opens a session: the letter with it went to
// the address that is theirs now, and nobody has signed out everywhere since.
func (c *checker) letIn(key store.Key, used store.Item) {
	l := c.signIns[key]
	if used == nil || l == nil {
		return
	}
	person := c.world.table.Peek(store.Key{PK: key.PK, SK: "PERSON"})
	if address := text(person, "address"); address != l.to {
		c.broken(9, "a link that came to %s lets its reader in, and the address is %s", l.to, address)
	}
	if epoch := number(person, "epoch"); epoch != int64(l.epoch) {
		c.broken(9, "a link of epoch %d lets its reader in, and the epoch of %s is %d", l.epoch, l.person, epoch)
	}
}

// mayShow is about people's own words in a letter.
func (c *checker) mayShow(o mend.Outgoing, claim *claimed) {
	l := c.persons[claim.key.PK]
	raw := bytes.ReplaceAll(o.Raw, []byte("=\r\n"), nil)
	if !bytes.Contains(raw, []byte("zq.")) {
		return
	}
	mark := markIn(string(raw))
	if mark == "" || l == nil || claim.at-l.quieter < int64(claimLife) {
		return
	}
	may, ticked := false, l.privacy == "quotes" || l.privacy != "link-only" && c.ticked(claim)
	switch o.Kind {
	case mend.Reminder:
		may = ticked
	case mend.PromiseKind:
		may = ticked && l.retention != string(mend.KeepNone)
	case mend.Digest, mend.CheckIn: // which looks back at their weeks now and then
		may = l.privacy == "quotes" && l.retention != string(mend.KeepNone)
	}
	if !may {
		c.broken(9, "%s, a %s, shows words of theirs, %s, and privacy is %s, retention %q",
			o.Occurrence, o.Kind, mark, l.privacy, l.retention)
	}
	for _, mark := range marks.FindAllString(string(raw), -1) {
		r := c.replies[mark]
		if (o.Kind == mend.Digest || o.Kind == mend.CheckIn) && r != nil && r.flagged && !r.confirmed {
			c.broken(9, "%s quotes %s, which is not surely theirs", o.Occurrence, mark)
		}
	}
}

// ticked reports whether the person had ticked "put these words into the e-mail" for what a letter
// is about, at some time since its claim: the letter is composed then.
func (c *checker) ticked(claim *claimed) bool {
	if id := text(claim.item, "promise"); id != "" {
		key := store.Key{PK: claim.key.PK, SK: "PROMISE#" + id}
		shown, _ := c.world.table.Peek(key)["showWords"].(bool)
		return shown || c.world.table.ChangedAt(key) >= claim.at
	}
	key := claim.key
	if n := number(claim.item, "reminder"); n != 0 { // once more, or after a pause
		key.SK = fmt.Sprintf("SUB#%02d", n)
	}
	s := c.subs[key]
	return s != nil && slices.ContainsFunc(s.periods, func(p period) bool {
		shown, _ := p.item["showWords"].(bool)
		return shown && (p.to == 0 || p.to >= claim.at)
	})
}

// refused is the mail service saying that it takes nothing from anybody.
func (c *checker) refused() {
	w := c.world
	c.refusals = append(c.refusals, w.now)
	for c.refusals[0] < w.now-int64(4*time.Minute) {
		c.refusals = c.refusals[1:]
	}
	if len(c.refusals) > 10 {
		c.broken(6, "the mail service takes nothing, and was asked %d times in four minutes", len(c.refusals))
	}
}

// took is a letter that the mail service accepted.
func (c *checker) took(m *mailed) {
	w := c.world
	w.counts.Accepted++
	what := string(m.kind)
	switch {
	case m.notice != "":
		what += " " + m.notice
	case m.kind == mend.Reminder && m.of.OneOff != "":
		what += " once more"
	}
	if w.counts.Letters == nil {
		w.counts.Letters = map[string]int{}
	}
	w.counts.Letters[what]++
	if m.kind == mend.SignIn {
		c.signIns[store.Key{PK: "P#" + string(m.person), SK: "SIGNIN#" + string(m.of.OneOff)}] = m
	}
	before := c.accepted[m.occurrence]
	c.accepted[m.occurrence] = append(before, m)
	c.oneADay(m)
	claim := c.claims[m.attempt]
	if claim == nil {
		return
	}
	if m.kind == mend.PromiseKind {
		c.askedOnce(m, claim)
	}
	if late := w.now - claim.at; late > int64(claimLife) {
		c.broken(3, "%s was taken %s after its claim", m.occurrence, time.Duration(late))
	}
	if len(before) == 0 {
		return
	}
	w.counts.DuplicatesAfterUnknown++
	if claim.key.SK[:4] != "ONCE" || !mayComeTwice(claim.item) || len(before) > 1 {
		c.broken(2, "%s, a %s, was sent %d times", m.occurrence, m.kind, len(before)+1)
	}
	for _, first := range before { // the second attempt may not have known better
		known := claim.at > c.world.table.ChangedAt(letterKey(first))+int64(unheard)
		if known && text(c.record(first), "outcome") == "accepted" {
			c.broken(2, "%s was sent a second time although the first was recorded as accepted", m.occurrence)
		}
	}
}

// oneADay is about the one letter a day beside reminders and promises: a digest and a check-in both
// come only where no check-in follows soon.
func (c *checker) oneADay(m *mailed) {
	n := m.of.Subscription
	if n != uint8(mend.CheckInNumber) && n != uint8(mend.DigestNumber) {
		return
	}
	other := mend.LetterName(m.person, mend.LetterKey{Date: m.of.Date, Subscription: 3 - n})
	for _, o := range c.accepted[other] {
		checkIn := c.claims[m.attempt]
		if n == mend.DigestNumber {
			checkIn = c.claims[o.attempt]
		}
		if checkIn == nil || followed(checkIn.item, m.of.Date) {
			c.broken(5, "%s, a %s, comes on one day with %s", m.occurrence, m.kind, other)
		}
	}
}

// mayComeTwice reports whether a one-off of unknown outcome may be sent a second time.
func mayComeTwice(item store.Item) bool {
	switch text(item, "kind") {
	case "promise", "reminder", "confirmation", "signin":
		return true
	}
	return text(item, "notice") == "erased"
}

// askedOnce is about all the letters that ask about a promise for one day, whatever they are named.
func (c *checker) askedOnce(m *mailed, claim *claimed) {
	about := string(m.person) + " " + text(claim.item, "promise") + " due " + text(claim.item, "date")
	for _, before := range c.accepted[about] {
		if before.occurrence != m.occurrence {
			c.broken(2, "%s asks about what %s asked about", m.occurrence, before.occurrence)
		}
	}
	c.accepted[about] = append(c.accepted[about], m)
}

func letterKey(m *mailed) store.Key {
	which := string(m.of.OneOff)
	if m.of.Subscription != 0 {
		which = fmt.Sprintf("%02d", m.of.Subscription)
	}
	return recordKey("P#"+string(m.person), m.of.Date.String(), which)
}

// recordKey is where the record of a letter of a date stands: of a one-off by its id, of a
// subscription by its number.
func recordKey(person, date, which string) store.Key {
	return store.Key{PK: person, SK: "LETTER#" + date + "#" + which}
}

func (c *checker) record(m *mailed) store.Item { return c.world.table.Peek(letterKey(m)) }

func (c *checker) wroteBack(r *wroteBack) {
	r.at = c.world.now
	r.pending = text(c.world.table.Peek(store.Key{PK: "P#" + string(r.by), SK: "PERSON"}), "status") == "pending"
	c.replies[r.mark] = r
}

// reworded is an entry that has other words from now on.
func (c *checker) reworded(r *wroteBack, mark string) { c.replies[mark] = r }

func (c *checker) erased(id mend.ID, s *somebody) { c.gone[id] = s }

// saidStopped is somebody whom a page told that they are stopped; since they asked they can have
// come back, but not stayed.
func (c *checker) saidStopped(id mend.ID, asked int64) {
	now := text(c.world.table.Peek(store.Key{PK: "P#" + string(id), SK: "PERSON"}), "status")
	if l := c.persons["P#"+string(id)]; l != nil && now == "active" && l.since < asked {
		c.broken(3, "%s was told at %s that they are stopped, and is active since %s",
			id, time.Unix(0, c.world.now).UTC(), time.Unix(0, l.since).UTC())
	}
}

// restored is told that a backup took the place of the table, and up to when all that was due had
// been handed out in it. What we know of people, we keep.
func (c *checker) restored(backup, at int64) {
	c.restores = append(c.restores, restoration{backup: backup})
	for _, s := range c.subs {
		if n := len(s.periods); n > 0 && s.periods[n-1].to == 0 {
			s.periods[n-1].to = at
		}
	}
	clear(c.open)
	clear(c.made)
	clear(c.erasing)
	maps.DeleteFunc(c.rests, func(key store.Key, _ bool) bool { return c.world.table.Peek(key) == nil })
	for _, slot := range c.slots {
		slot.next = 0 // the watermark moved back
	}
	for _, it := range c.world.table.All() {
		switch key := it.Key(); {
		case key.SK == "PERSON":
			l := c.persons[key.PK]
			if text(it, "status") == "erasing" {
				c.erasing[key.PK] = true
			}
			if noContact, _ := it["noContact"].(bool); noContact && l != nil && l.noContact == 0 {
				l.noContact = at // again, with what they had looked over by then
			}
		case strings.HasPrefix(key.SK, "SUB#"):
			c.wroteSubscription(key, nil, it)
		case strings.HasPrefix(key.PK, "P#") && strings.HasPrefix(key.SK, "ONCE#"):
			c.wroteOneOff(key, nil, it)
		case strings.HasPrefix(key.PK, "PAGE#"):
			if isOpen(it) {
				c.open[key] = instant(it, "due").UnixNano()
			}
		}
	}
}

// atTheEnd checks what must hold once faults have healed: everything came to an end,
// and was counted.
func (c *checker) atTheEnd() {
	c.nothingStaysOpen()
	c.everythingDueEnded()
	c.repliesAreKept()
	c.theErasedAreGone()
	c.wordsAreKeptAsChosen()
	if len(c.world.queues["receipt"].waiting) == 0 {
		for _, key := range slices.Sorted(maps.Keys(c.world.blobs.kept)) {
			if strings.HasPrefix(key, "raw/") {
				c.broken(9, "the raw mail %s is still kept", key)
			}
		}
	}
}

// wordsAreKeptAsChosen looks at those who were told for how long their words are kept.
func (c *checker) wordsAreKeptAsChosen() {
	if len(c.restores) > 0 {
		return
	}
	for _, it := range c.world.table.All() {
		key := it.Key()
		kind, _, _ := strings.Cut(key.SK, "#")
		id := mend.ID(strings.TrimPrefix(key.PK, "P#"))
		l := c.persons[key.PK]
		if l == nil || string(c.kept[id]) != l.retention || kind != "REPLY" && kind != "PROMISE" && kind != "WORDS" {
			continue
		}
		switch c.kept[id] {
		case mend.KeepNone:
			if text(it, "words") != "" {
				c.broken(9, "%s %s has words, and they chose that none are kept", key.PK, key.SK)
			}
		case mend.Keep90Days:
			if number(it, store.AttrTTL) == 0 {
				c.broken(9, "%s %s stays for good, and they chose 90 days", key.PK, key.SK)
			}
		}
	}
}

func (c *checker) nothingStaysOpen() {
	w := c.world
	for _, it := range w.table.All() {
		key := it.Key()
		switch {
		case strings.HasPrefix(key.PK, "PAGE#"):
			if isOpen(it) && w.now-instant(it, "due").UnixNano() > int64(9*time.Hour) {
				c.broken(4, "%s %s is still open", key.PK, key.SK)
			}
		case strings.HasPrefix(key.SK, "ONCE#") && key.PK != "SYS":
			state, goes := text(it, "claim"), number(it, store.AttrTTL)*int64(time.Second)
			// Once it goes no one reads it: after days without a tick, its page ends as released.
			if state != "ended" && w.now-instant(it, "expires").UnixNano() > int64(3*time.Hour) && w.now < goes {
				c.broken(4, "%s %s is still %s, and expired at %s", key.PK, key.SK, state, instant(it, "expires"))
			}
		}
	}
}

// everythingDueEnded goes through the settings that everybody ever had and asks what became of each
// date on which they made a letter due.
func (c *checker) everythingDueEnded() {
	w := c.world
	keys := slices.SortedFunc(maps.Keys(c.subs), func(a, b store.Key) int {
		return strings.Compare(a.PK+a.SK, b.PK+b.SK)
	})
	for _, key := range keys {
		for _, p := range c.subs[key].periods {
			if text(p.item, "status") != "active" {
				continue
			}
			to := p.to
			if to == 0 {
				to = w.now
			}
			first := mend.DateOf(time.Unix(0, p.from)).AddDays(-1)
			last := mend.DateOf(time.Unix(0, to)).AddDays(1)
			for d := first; !d.After(last); d = d.AddDays(1) {
				c.ended(key, p, d, to)
			}
		}
	}
}

// ended checks one date of one subscription.
func (c *checker) ended(key store.Key, p period, d mend.Date, to int64) {
	due, falls := c.falls(p.item, d)
	at := due.UnixNano()
	// Owed is what was due under settings that had been in force for a while, and stayed so until
	// the last sweep. Where they changed in between, the letter may be sent or not.
	if !falls || at < p.from+int64(notice) || at+int64(window+2*time.Hour) > to || c.blurred(at, d) {
		return
	}
	if p.to != 0 && c.watermarkAt(p.to) < at+int64(window+20*time.Minute) {
		// The dispatcher came to it, or to its last sweep, after the settings had changed, too late
		// to send anything.
		c.world.counts.Unseen++
		return
	}
	c.world.counts.Owed++
	record := c.world.table.Peek(recordKey(key.PK, d.String(), strings.TrimPrefix(key.SK, "SUB#")))
	switch outcome := text(record, "outcome"); outcome {
	case "accepted":
	case "failed":
		c.world.counts.Failed++
	case "given-up":
		c.world.counts.GivenUp++
	case "expired":
		c.world.counts.Expired++
	default:
		if c.passed(key, d) {
			return
		}
		// of a month with nothing to show, they want no letter
		if quiet, _ := p.item["quiet"].(bool); quiet && key.SK == "SUB#02" {
			c.checkInCame(key.PK, d, at)
			return
		}
		c.broken(4, "%s %s of %s was due at %s, by a rule in force since %s, and has the outcome %q",
			key.PK, key.SK, d, due, time.Unix(0, p.from).UTC(), outcome)
	}
}

// watermarks is how far the dispatcher had come, by when it had.
type watermarks []struct{ now, at int64 }

func (c *checker) moved(old, item store.Item) {
	if old != nil && number(item, "at") < number(old, "at") {
		c.broken(4, "the watermark moved back from %s to %s: what was due between is handed out again",
			instant(old, "at"), instant(item, "at"))
	}
	c.handedOut = append(c.handedOut, struct{ now, at int64 }{c.world.now, instant(item, "at").UnixNano()})
}

// watermarkAt is up to which instant all that was due had been handed out at an instant.
func (c *checker) watermarkAt(now int64) int64 {
	i := sort.Search(len(c.handedOut), func(i int) bool { return c.handedOut[i].now > now })
	if i == 0 {
		return 0
	}
	return c.handedOut[i-1].at
}

// checkInCame is about the check-in of a date whose digest was left out: that replaces nothing.
func (c *checker) checkInCame(person string, d mend.Date, at int64) {
	key := store.Key{PK: person, SK: "SUB#01"}
	s := c.subs[key]
	if s == nil || c.passed(key, d) {
		return
	}
	for _, p := range s.periods {
		if p.from+int64(notice) > at ||
			p.to != 0 && (p.to < at+int64(window+2*time.Hour) || c.watermarkAt(p.to) < at) ||
			text(p.item, "status") != "active" {
			continue
		}
		due, falls := c.fallsUnlessReplaced(p.item, d)
		record := c.world.table.Peek(recordKey(person, d.String(), "01"))
		if falls && due.UnixNano() == at && text(record, "outcome") == "" {
			c.broken(4, "%s: the digest of %s was left out, and the check-in that it would have replaced did not come",
				person, d)
		}
	}
}

// passed is true of a date that a later one had overtaken before it was due: somebody
// moved over the date line.
func (c *checker) passed(key store.Key, d mend.Date) bool {
	sub := c.world.table.Peek(key)
	return sub == nil || c.earlierDates(key, d)
}

func (c *checker) earlierDates(key store.Key, d mend.Date) bool {
	for _, claim := range c.claims {
		if claim.key == key && !claim.date.Before(d) && claim.due.Before(c.dueUnder(key, d)) {
			return true
		}
	}
	return false
}

// dueUnder is the last instant at which any settings made a date due.
func (c *checker) dueUnder(key store.Key, d mend.Date) time.Time {
	var last time.Time
	for _, p := range c.subs[key].periods {
		if due, falls := c.falls(p.item, d); falls && due.After(last) {
			last = due
		}
	}
	return last
}

// blurred is what a restore makes of the time between backup and restore, and of its day.
func (c *checker) blurred(at int64, _ mend.Date) bool {
	for _, r := range c.restores {
		if at > r.backup-int64(window+2*time.Hour) && (r.done == 0 || at < r.done+int64(48*time.Hour)) {
			return true
		}
	}
	return false
}

func (c *checker) repliesAreKept() {
	for _, mark := range slices.Sorted(maps.Keys(c.replies)) {
		r := c.replies[mark]
		if r.automatic || r.dropped || r.onPage || r.pending || r.stored > 0 || r.mark != mark {
			continue
		}
		if c.world.table.Peek(store.Key{PK: "P#" + string(r.by), SK: "PERSON"}) == nil {
			continue // erased, or from after a backup that was restored
		}
		l := c.persons["P#"+string(r.by)]
		if l == nil || l.status == "gone" || l.status == "erasing" || l.wordless || c.blurred(r.at, mend.Date{}) {
			continue
		}
		held := c.world.table.Peek(store.Key{PK: "P#" + string(r.by), SK: "HELD"})
		if r.flagged && number(held, "refused") > 0 {
			continue // counted, as one of too many
		}
		c.broken(7, "a reply of %s, %s, written at %s, was not kept", r.by, mark, time.Unix(0, r.at).UTC())
	}
}

// theErasedAreGone looks for addresses and words of those whose erasure was confirmed to them.
func (c *checker) theErasedAreGone() {
	if len(c.gone) == 0 {
		return
	}
	for _, it := range c.world.table.All() {
		id := mend.ID(strings.TrimPrefix(it.Key().PK, "P#"))
		if c.gone[id] != nil && !strings.HasPrefix(it.Key().SK, "LETTER#") {
			c.broken(9, "%s %s of somebody erased is still there", it.Key().PK, it.Key().SK)
		}
		address := text(it, "address")
		if address == "" || c.violation != nil {
			continue
		}
		for erased, s := range c.gone { // with the address that this account had: they may have another
			if l := c.persons["P#"+string(erased)]; l != nil && l.address == address && c.gone[s.id] == s && s.erased {
				c.broken(9, "%s %s holds the address of somebody erased", it.Key().PK, it.Key().SK)
			}
		}
	}
}
