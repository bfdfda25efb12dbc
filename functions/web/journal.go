package web

import (
	"cmp"
	"fmt"
	"net/http"
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

// Newer and Older are the numbers of the pages beside this one; 0 where there is none.
func (j journalView) Newer() int { return j.Leaf - 1 }
func (j journalView) Older() int {
	if !j.More {
		return 0
	}
	return j.Leaf + 1
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
func (h *Handler) showJournal(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	asked := journal.PageRequest{Number: 1}
	if r.URL.Query().Has("page") {
		var err error
		asked.Number, err = strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil || asked.Number < 1 {
			h.apology(w, http.StatusNotFound)
			return nil
		}
	}
	all, err := h.svc.Journal.Journal(r.Context(), a, asked)
	if err != nil {
		return err
	}
	j := journalView{Journal: all, Months: monthsOf(entriesOf(all.Entries, mostShown, ""))}
	if all.Leaf > 1 {
		return h.page(w, "older", o, page{Title: fmt.Sprint("Your journal, page ", all.Leaf), SignedIn: true, Data: j})
	}
	j.Form = formOf(r, o)
	j.Form.Today = h.today(all.Settings.Form.Zone)
	j.OnHold = len(onHold(all.Settings))
	j.OnDay = entriesOf(all.OnThisDay, mostOnDay, "")
	j.Year, j.Moods = squaresOf(all.Days, all.Today), moodsOf(all.Moods)
	p := page{Title: "Your journal", SignedIn: true, Path: all.Settings.Path, Data: j}
	if !o.Sent {
		p.Done = done[r.URL.Query().Get("done")]
	}
	return h.page(w, "journal", o, p)
}

// showFound shows the entries that hold some words. It changes nothing, and answers a POST all the
// same: what someone looks for among their own words belongs in no address, which browsers and
// proxies remember.
func (h *Handler) showFound(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	asked := journal.PageRequest{Query: strings.Join(strings.Fields(typed(r, "q")), " ")}
	if asked.Query == "" {
		return h.showJournal(w, r, a, o)
	}
	if number, err := strconv.Atoi(typed(r, "page")); err == nil && number > 0 {
		asked.Number = number
	}
	all, err := h.svc.Journal.Journal(r.Context(), a, asked)
	if err != nil {
		return err
	}
	return h.page(w, "found", o, page{Title: "What we found", SignedIn: true, Data: journalView{
		Journal: all, Query: asked.Query, Months: monthsOf(entriesOf(all.Entries, mostFound, asked.Query)),
	}})
}

// showYear shows a whole year from its first entry on, to read and to print.
func (h *Handler) showYear(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	year, err := strconv.Atoi(r.PathValue("year"))
	if err != nil || year < 1 {
		h.apology(w, http.StatusNotFound)
		return nil
	}
	all, err := h.svc.Journal.Journal(r.Context(), a, journal.PageRequest{Year: year})
	if err != nil {
		return err
	}
	slices.Reverse(all.Entries)
	return h.page(w, "year", o, page{Title: fmt.Sprint("Your ", year), SignedIn: true,
		Data: journalView{Journal: all, Months: monthsOf(booklet(all.Entries))}})
}

// toJournal is the journal's path, where the page says what was done.
func toJournal(did string) string { return "/journal?done=" + did }

// moodOf is the number that a form holds: 0 for none, -1 for what is no number.
func moodOf(r *http.Request) int {
	mood, err := strconv.Atoi(cmp.Or(typed(r, "mood"), "0"))
	if err != nil {
		return -1 // the service says what a mood is
	}
	return mood
}

func (h *Handler) addEntry(_ http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	_, err := h.svc.Journal.AddEntry(r.Context(), a, typed(r, "words"), moodOf(r))
	return toJournal("added"), err
}

// showHeld lists the replies that someone else may have sent, apart from the journal.
func (h *Handler) showHeld(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	all, err := h.svc.Journal.Journal(r.Context(), a, journal.PageRequest{})
	if err != nil {
		return err
	}
	return h.page(w, "held", o, page{Title: "Was this you?", SignedIn: true, Data: struct {
		Waiting []entry
		Refused int
	}{entriesOf(all.Waiting, mostWaitingShown, ""), all.Refused}})
}

func (h *Handler) deleteHeld(_ http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	return toJournal("deleted"), h.svc.Journal.DeleteHeld(r.Context(), a)
}

func (h *Handler) undoDeletion(_ http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	return toJournal("undeleted"), h.svc.Journal.UndoDeletion(r.Context(), a)
}

// heldItem is a reminder or promise that waits to be looked at.
type heldItem struct{ Field, Words, When string }

func onHold(now account.Settings) []heldItem {
	var all []heldItem
	for _, p := range now.OnHold {
		all = append(all, heldItem{"promise-" + string(p.ID), p.Words, "by " + dateInWords(p.Due)})
	}
	for _, reminder := range now.Reminders {
		if reminder.OnHold {
			all = append(all, heldItem{fmt.Sprint("reminder-", reminder.Number), reminder.Words, reminder.Rhythm})
		}
	}
	return all
}

// showOnHold asks about each reminder and promise that is on hold since someone said no.
func (h *Handler) showOnHold(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	now, err := h.svc.Account.Settings(r.Context(), a)
	if err != nil {
		return err
	}
	return h.page(w, "onhold", o, page{Title: "On hold", SignedIn: true, Data: onHold(now)})
}

// lookOver takes what someone decided about each: "goes-on" or "drop".
func (h *Handler) lookOver(_ http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	marks := account.ReviewDecisions{Reminders: map[uint8]bool{}, Promises: map[mend.ItemID]bool{}}
	for field := range r.PostForm {
		decided := typed(r, field)
		if decided != "goes-on" && decided != "drop" {
			continue
		}
		if promise, ok := strings.CutPrefix(field, "promise-"); ok {
			marks.Promises[mend.ItemID(promise)] = decided == "goes-on"
		}
		if number, ok := strings.CutPrefix(field, "reminder-"); ok {
			if n, err := strconv.ParseUint(number, 10, 8); err == nil {
				marks.Reminders[uint8(n)] = decided == "goes-on"
			}
		}
	}
	_, err := h.svc.Account.ReviewHeldItems(r.Context(), a, marks)
	return toJournal("saved"), err
}
