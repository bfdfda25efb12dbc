package web

import (
	"errors"
	"net/http"

	"example.org/mend/shared/account"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
)

func (h *Handler) promiseForm(r *http.Request, a account.Access) journal.PromiseForm {
	return journal.PromiseForm{Words: typed(r, "promise"), ShowWords: on(r, "show_words"), Due: h.due(r, a)}
}

// due is the day that a form names, as YYYY-MM-DD, counted from today in the person's zone.
func (h *Handler) due(r *http.Request, a account.Access) string {
	day := typed(r, "due")
	if _, err := mend.ParseDate(day); err == nil || day == "" {
		return day
	}
	now, err := h.svc.Account.Settings(r.Context(), a)
	if err != nil {
		return day
	}
	return h.isoDate(day, now.Form.Zone)
}

// promiseProblems is an error with the name that the words of a promise have in its form, since
// another form of the journal asks for words too.
func promiseProblems(err error) error {
	if problems, ok := errors.AsType[mend.Problems](err); ok && problems["words"] != "" {
		problems["promise"] = problems["words"]
		delete(problems, "words")
	}
	return err
}

func (h *Handler) addPromise(_ http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	_, err := h.svc.Journal.AddPromise(r.Context(), a, h.promiseForm(r, a))
	return toJournal("added"), promiseProblems(err)
}

// showOwnPromise shows a promise to the person who is signed in.
func (h *Handler) showOwnPromise(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	p, err := h.svc.Journal.OwnPromise(r.Context(), a, mend.ItemID(r.PathValue("promise")))
	if err != nil {
		return err
	}
	now, err := h.svc.Account.Settings(r.Context(), a)
	if err != nil {
		return err
	}
	f := formOf(r, o)
	f.Today = h.today(now.Form.Zone)
	if typed(r, "action") != "change" {
		f.Promise, f.ShowWords, f.Due = p.Words, p.ShowWords, p.Due.String()
	}
	return h.page(w, "ownpromise", o, page{Title: "Something to do", SignedIn: true, Data: struct {
		Promise mend.Promise
		Form    form
	}{p, f}})
}

// changePromise takes an answer to a promise, other words or another day for it, or deletes it.
func (h *Handler) changePromise(_ http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	id := mend.ItemID(r.PathValue("promise"))
	switch typed(r, "action") {
	case "delete":
		return toJournal("deleted"), h.svc.Journal.DeletePromise(r.Context(), a, id)
	case "change":
		return toJournal("saved"), promiseProblems(h.svc.Journal.EditPromise(r.Context(), a, id, h.promiseForm(r, a)))
	}
	return toJournal("saved"), h.takeAnswer(r, a, id)
}
