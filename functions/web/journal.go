package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/mend/shared/account"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
)

// journalView is what the pages of the journal show: the first page, older ones, what a search
// found, and a year.
type journalView struct {
	journal.Journal
	Months []journalMonth
	OnDay  []entry
	Year   yearSquares
	Moods  moodGraph
	Query  string
	OnHold int  // how many reminders and promises wait to be looked at
	Form   form // of a new entry and a new promise
}

// mostOpenShown is how many open promises stand in sight; the others are folded away.
const mostOpenShown = 3

// Open is the promises to keep, and Folded the rest of them and those that are answered.
func (j journalView) Open() []mend.Promise   { return j.Promises[:j.firstFolded()] }
func (j journalView) Folded() []mend.Promise { return j.Promises[j.firstFolded():] }

func (j journalView) firstFolded() int {
	open := slices.IndexFunc(j.Promises, func(p mend.Promise) bool { return !p.IsOpen() })
	if open < 0 {
		open = len(j.Promises)
	}
	return min(open, mostOpenShown)
}

type journalMonth struct {
	First   mend.Date
	Entries []entry
}

// monthsOf groups entries by month, in the order in which they come.
func monthsOf(entries []entry) []journalMonth {
	var all []journalMonth
	for _, e := range entries {
		first := e.Date.FirstOfMonth()
		if n := len(all); n == 0 || all[n-1].First != first {
			all = append(all, journalMonth{First: first})
		}
		all[len(all)-1].Entries = append(all[len(all)-1].Entries, e)
	}
	return all
}

// showJournal shows the first page, or an older one.
func showJournal(v *visit) error {
	asked := journal.PageRequest{Number: 1}
	if v.asks("page") {
		var err error
		asked.Number, err = strconv.Atoi(v.r.URL.Query().Get("page"))
		if err != nil || asked.Number < 1 {
			return errNoPage
		}
	}
	all, err := v.svc.Journal.Journal(v.ctx(), v.Access, asked)
	if err != nil {
		return err
	}
	j := journalView{Journal: all, Months: monthsOf(entriesOf(all.Entries, mostShown, ""))}
	if all.Leaf > 1 {
		return v.page("older", page{Title: fmt.Sprint("Your journal, page ", all.Leaf), Data: j})
	}
	j.Form = v.form()
	j.Form.Today = v.svc.TodayIn(all.Settings.Form.Zone)
	j.OnHold = len(onHold(all.Settings))
	j.OnDay = entriesOf(all.OnThisDay, mostOnDay, "")
	j.Year, j.Moods = squaresOf(all.Days, all.Today), moodsOf(all.Moods)
	p := page{Title: "Your journal", Path: all.Settings.Path, Data: j}
	if !v.sent {
		p.Done = flashMessages[v.r.URL.Query().Get("done")]
	}
	return v.page("journal", p)
}

// search shows the entries that hold some words. It changes nothing, but answers a POST, because
// browsers and proxies remember addresses.
func search(v *visit) (string, error) {
	asked := journal.PageRequest{Query: strings.Join(strings.Fields(v.typed("q")), " ")}
	if asked.Query == "" {
		return "/journal", nil
	}
	if number, err := strconv.Atoi(v.typed("page")); err == nil && number > 0 {
		asked.Number = number
	}
	all, err := v.svc.Journal.Journal(v.ctx(), v.Access, asked)
	if err != nil {
		return "", err
	}
	return "", instead{"found", page{Title: "What we found", Data: journalView{
		Journal: all, Query: asked.Query, Months: monthsOf(entriesOf(all.Entries, mostFound, asked.Query)),
	}}}
}

// showYear shows a whole year from its first entry on, to read and to print.
func showYear(v *visit) error {
	year, err := strconv.Atoi(v.r.PathValue("year"))
	if err != nil || year < 1 {
		return errNoPage
	}
	all, err := v.svc.Journal.Journal(v.ctx(), v.Access, journal.PageRequest{Year: year})
	if err != nil {
		return err
	}
	slices.Reverse(all.Entries)
	return v.page("year", page{Title: fmt.Sprint("Your ", year),
		Data: journalView{Journal: all, Months: monthsOf(booklet(all.Entries))}})
}

// toJournal is the journal's path, where the page says what was done.
func toJournal(did string) string { return "/journal?done=" + did }

// mood is the number that a form holds: 0 for none, -1 for what is no number.
func (v *visit) mood() int {
	mood, err := strconv.Atoi(cmp.Or(v.typed("mood"), "0"))
	if err != nil {
		return -1 // the service says what a mood is
	}
	return mood
}

func addEntry(v *visit) (string, error) {
	return toJournal("added"), v.svc.Journal.AddEntry(v.ctx(), v.Access, v.typed("words"), v.mood())
}

// showHeld lists the replies that someone else may have sent, apart from the journal.
func showHeld(v *visit) error {
	all, err := v.svc.Journal.Journal(v.ctx(), v.Access, journal.PageRequest{})
	if err != nil {
		return err
	}
	return v.page("held", page{Title: "Was this you?",
		Data: data{"Waiting": entriesOf(all.Waiting, mostWaitingShown, ""), "Refused": all.Refused}})
}

func deleteHeld(v *visit) (string, error) {
	var shown []mend.Entry
	for _, name := range v.r.PostForm["shown"] {
		shown = append(shown, mend.Entry(name))
	}
	return toJournal("deleted"), v.svc.Journal.DeleteHeld(v.ctx(), v.Access, shown)
}

func undoDeletion(v *visit) (string, error) {
	return toJournal("undeleted"), v.svc.Journal.UndoDeletion(v.ctx(), v.Access)
}

// heldItem is a reminder or promise that waits to be looked at.
type heldItem struct{ Field, Words, When string }

func onHold(now account.Settings) []heldItem {
	var all []heldItem
	for _, p := range now.OnHold {
		all = append(all, heldItem{"promise-" + string(p.ID), p.Words, "by " + p.Due.InWords()})
	}
	for _, reminder := range now.Reminders {
		if reminder.OnHold {
			all = append(all, heldItem{fmt.Sprint("reminder-", reminder.Number), reminder.Words, reminder.Rhythm})
		}
	}
	return all
}

// showOnHold asks about each reminder and promise that is on hold since someone said no.
func showOnHold(v *visit) error {
	now, err := v.svc.Account.Settings(v.ctx(), v.Access)
	if err != nil {
		return err
	}
	return v.page("onhold", page{Title: "On hold", Data: onHold(now)})
}

// reviewOnHold takes what someone decided about each: "goes-on" or "drop".
func reviewOnHold(v *visit) (string, error) {
	decided := account.ReviewDecisions{Reminders: map[uint8]bool{}, Promises: map[mend.ItemID]bool{}}
	for field := range v.r.PostForm {
		decision := v.typed(field)
		if decision != "goes-on" && decision != "drop" {
			continue
		}
		if promise, ok := strings.CutPrefix(field, "promise-"); ok {
			decided.Promises[mend.ItemID(promise)] = decision == "goes-on"
		}
		if number, ok := strings.CutPrefix(field, "reminder-"); ok {
			if n, err := strconv.ParseUint(number, 10, 8); err == nil {
				decided.Reminders[uint8(n)] = decision == "goes-on"
			}
		}
	}
	return toJournal("saved"), v.svc.Account.ReviewHeldItems(v.ctx(), v.Access, decided)
}
