package web

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.org/mend/shared/account"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
)

// journalView is what the journal page shows.
type journalView struct {
	journal.Journal
	Months  []journalMonth // newest first; what somebody searched for alone, if they did
	Waiting []entry        // "was this you?"
	Moods   moodLine
	Query   string
	Resting bool // something waits to be looked over
	Form    form // of a new entry and a new promise
}

// Newer and Older are the leaves beside this one; 0 where there is none.
func (j journalView) Newer() int { return j.Leaf - 1 }
func (j journalView) Older() int {
	if !j.More {
		return 0
	}
	return j.Leaf + 1
}

type journalMonth struct {
	First   mend.Date
	Entries []entry
}

// entry is a reply with the name that its forms use. One that is too long for a page of many has
// the beginning alone.
type entry struct {
	mend.Reply
	Name mend.Entry
	Long bool
}

// mostShown is how many characters of an entry stand among others.
const mostShown = 2000

// mostWaitingShown is how many characters of an entry stand under "was this you?": enough to know
// it by.
const mostWaitingShown = 300

func entryOf(r mend.Reply, most int) entry {
	e := entry{Reply: r, Name: mend.EntryOf(r)}
	if words := []rune(r.Words); len(words) > most {
		e.Words, e.Answers, e.Long = string(words[:most])+" …", nil, true
	}
	return e
}

func entriesOf(replies []mend.Reply, most int) []entry {
	var all []entry
	for _, r := range replies {
		all = append(all, entryOf(r, most))
	}
	return all
}

func (h *Handler) journal(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	number := 1
	if r.URL.Query().Has("page") {
		if number, err = strconv.Atoi(r.URL.Query().Get("page")); err != nil || number < 1 {
			h.apology(w, http.StatusNotFound)
			return nil
		}
	}
	return h.showJournal(w, r, http.StatusOK, a, journal.PageRequest{Number: number}, form{})
}

// search shows the entries that hold some words. It changes nothing, and is a POST all the same:
// what somebody looks for among their own words belongs in no address, which browsers and proxies
// remember.
func (h *Handler) search(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	return h.showJournal(w, r, http.StatusOK, a, journal.PageRequest{Query: typed(r, "q")}, form{})
}

func (h *Handler) showJournal(w http.ResponseWriter, r *http.Request, status int, a account.Access,
	leaf journal.PageRequest, f form) error {
	all, err := h.svc.Journal.Journal(r.Context(), a, leaf)
	if err != nil {
		return err
	}
	f.Today = h.today(all.Settings.Form.Zone)
	j := journalView{
		Journal: all, Query: leaf.Query, Form: f, Resting: len(all.Settings.Resting) > 0,
		Waiting: entriesOf(all.Waiting, mostWaitingShown), Moods: moodsOf(all.Moods),
	}
	for _, reminder := range all.Settings.Reminders {
		j.Resting = j.Resting || reminder.Resting
	}
	for _, month := range all.Months {
		j.Months = append(j.Months, journalMonth{month.First, entriesOf(month.Replies, mostShown)})
	}
	said := ""
	if f.Problems == nil {
		said = done[r.URL.Query().Get("done")]
	}
	h.show(w, status, "journal", page{Title: "Your journal", Problems: f.Problems, Done: said, SignedIn: true, Data: j})
	return nil
}

// toJournal leads back to the journal, which says what was done.
func toJournal(w http.ResponseWriter, r *http.Request, did string) {
	http.Redirect(w, r, "/journal?done="+did, http.StatusSeeOther)
}

func (h *Handler) addEntry(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	mood, err := strconv.Atoi(cmp.Or(typed(r, "mood"), "0"))
	if err != nil {
		mood = -1 // the service says what a mood is
	}
	_, err = h.svc.Journal.AddEntry(r.Context(), a, typed(r, "words"), mood)
	if problems, ok := errors.AsType[mend.Problems](err); ok {
		return h.showJournal(w, r, http.StatusUnprocessableEntity, a, journal.PageRequest{},
			form{Words: typed(r, "words"), Problems: problems})
	}
	if err != nil {
		return err
	}
	toJournal(w, r, "added")
	return nil
}

// marking is what the page of one entry shows.
type marking struct {
	Entry entry
	Form  form
}

// mostOfOne is how many characters of an entry its own page shows: more than can be changed there.
const mostOfOne = 100_000

func (h *Handler) entryPage(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	return h.showEntry(w, r, http.StatusOK, a, nil)
}

func (h *Handler) showEntry(w http.ResponseWriter, r *http.Request, status int, a account.Access,
	problems mend.Problems) error {
	reply, err := h.svc.Journal.Entry(r.Context(), a, mend.Entry(r.PathValue("entry")))
	if err != nil {
		return err
	}
	f := form{Words: reply.Words, Problems: problems}
	if problems != nil {
		f.Words = typed(r, "words")
	}
	m := marking{entryOf(reply, mostOfOne), f}
	h.show(w, status, "entry", page{Title: "An entry", Problems: problems, SignedIn: true, Data: m})
	return nil
}

// Changeable reports whether an entry is short enough to be changed on its page.
func (m marking) Changeable() bool {
	return utf8.RuneCountInString(m.Entry.Words) <= journal.MostEntryWords
}

// changeEntry does what a button of an entry says.
func (h *Handler) changeEntry(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	ctx, name, did := r.Context(), mend.Entry(r.PathValue("entry")), "saved"
	switch action := typed(r, "action"); action {
	case "star", "unstar":
		err = h.svc.Journal.StarReply(ctx, a, name, action == "star")
	case "mute", "unmute":
		err = h.svc.Journal.MuteReply(ctx, a, name, action == "mute")
	case "mine":
		err, did = h.svc.Journal.ConfirmMine(ctx, a, name), "kept"
	case "not-mine":
		err, did = h.svc.Journal.NotMine(ctx, a, name), "deleted"
	case "delete":
		err, did = h.svc.Journal.DeleteReply(ctx, a, name), "deleted"
	case "words":
		err = h.svc.Journal.EditReply(ctx, a, name, typed(r, "words"))
		if problems, ok := errors.AsType[mend.Problems](err); ok {
			return h.showEntry(w, r, http.StatusUnprocessableEntity, a, problems)
		}
	default:
		err = &mend.Error{Code: mend.Invalid, Sentence: "Please use one of the buttons on the page."}
	}
	if err != nil {
		return err
	}
	toJournal(w, r, did)
	return nil
}

// deleteHeld deletes all that waits under "was this you?".
func (h *Handler) deleteHeld(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	if err := h.svc.Journal.DeleteHeld(r.Context(), a); err != nil {
		return err
	}
	toJournal(w, r, "deleted")
	return nil
}

// undoDeletion puts back what this session deleted last.
func (h *Handler) undoDeletion(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	if err := h.svc.Journal.UndoDeletion(r.Context(), a); err != nil {
		return err
	}
	toJournal(w, r, "undeleted")
	return nil
}

func (h *Handler) addPromise(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	wanted := promiseForm(r)
	_, err = h.svc.Journal.AddPromise(r.Context(), a, wanted)
	if problems, ok := errors.AsType[mend.Problems](err); ok {
		return h.showJournal(w, r, http.StatusUnprocessableEntity, a, journal.PageRequest{}, form{
			Promise: wanted.Words, ShowWords: wanted.ShowWords, Due: wanted.Due,
			Problems: renamed(problems, "words", "promise"),
		})
	}
	if err != nil {
		return err
	}
	toJournal(w, r, "added")
	return nil
}

func promiseForm(r *http.Request) journal.PromiseForm {
	return journal.PromiseForm{Words: typed(r, "promise"), ShowWords: on(r, "show_words"), Due: typed(r, "due")}
}

// renamed is problems whose field has another name on the page, where two forms ask for words.
func renamed(problems mend.Problems, from, to string) mend.Problems {
	if sentence, ok := problems[from]; ok {
		delete(problems, from)
		problems[to] = sentence
	}
	return problems
}

// ownPromise is what the page shows that changes a promise.
type ownPromise struct {
	Promise mend.Promise
	Form    form
}

func (h *Handler) ownPromisePage(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	return h.showOwnPromise(w, r, http.StatusOK, a, nil)
}

func (h *Handler) showOwnPromise(w http.ResponseWriter, r *http.Request, status int, a account.Access,
	problems mend.Problems) error {
	p, err := h.svc.Journal.OwnPromise(r.Context(), a, mend.ItemID(r.PathValue("promise")))
	if err != nil {
		return err
	}
	now, err := h.svc.Account.Settings(r.Context(), a)
	if err != nil {
		return err
	}
	f := form{Promise: p.Words, ShowWords: p.ShowWords, Due: p.Due.String(), Problems: problems,
		Today: h.today(now.Form.Zone)}
	if problems != nil {
		f.Promise, f.ShowWords, f.Due = typed(r, "promise"), on(r, "show_words"), typed(r, "due")
	}
	h.show(w, status, "ownpromise", page{Title: "Something to do", Problems: problems, SignedIn: true,
		Data: ownPromise{p, f}})
	return nil
}

// changePromise takes an answer to a promise, other words or another day for it, or deletes it.
func (h *Handler) changePromise(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	id, did := mend.ItemID(r.PathValue("promise")), "saved"
	switch typed(r, "action") {
	case "delete":
		err, did = h.svc.Journal.DeletePromise(r.Context(), a, id), "deleted"
	case "change":
		err = h.svc.Journal.EditPromise(r.Context(), a, id, promiseForm(r))
		if problems, ok := errors.AsType[mend.Problems](err); ok {
			return h.showOwnPromise(w, r, http.StatusUnprocessableEntity, a, renamed(problems, "words", "promise"))
		}
	default:
		err = h.takeAnswer(r, a, id)
		if problems, ok := errors.AsType[mend.Problems](err); ok {
			return h.showJournal(w, r, http.StatusUnprocessableEntity, a, journal.PageRequest{},
				form{Problems: problems})
		}
	}
	if err != nil {
		return err
	}
	toJournal(w, r, did)
	return nil
}

// lookOver takes what somebody decided about what rests since they were told no: a field for each,
// "goes-on" or "drop".
func (h *Handler) lookOver(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
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
	if _, err := h.svc.Account.ReviewHeldItems(r.Context(), a, marks); err != nil {
		return err
	}
	toJournal(w, r, "saved")
	return nil
}
