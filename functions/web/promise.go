package web

import (
	"net/http"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// promised is what the page of a promise shows. Words are left out where they are left out of its
// letter: whoever holds the letter could follow its link.
type promised struct {
	Promise  mend.Promise
	Words    string
	Space    bool // someone said no, or asked for space
	Answered bool // just now
	Form     form
}

func (h *Handler) showPromise(w http.ResponseWriter, r *http.Request, _ account.Access, o outcome) error {
	a, promise, err := h.svc.Journal.PromiseOf(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	now, err := h.svc.Account.Settings(r.Context(), a)
	if err != nil {
		return err
	}
	shown := promised{Promise: promise, Answered: o.done(), Form: formOf(r, o)}
	shown.Form.Today = h.today(now.Form.Zone)
	rules := mend.Privacy(now.Form.Privacy).Rules()
	if rules.ShowsWords(promise.ShowWords) {
		shown.Words = promise.Words
	}
	shown.Space = now.NoContact && rules.Path
	return h.page(w, "promise", o, page{Title: "A question", Data: shown})
}

func (h *Handler) answerPromise(_ http.ResponseWriter, r *http.Request, _ account.Access) (string, error) {
	a, promise, err := h.svc.Journal.PromiseOf(r.Context(), r.PathValue("token"))
	if err != nil {
		return "", err
	}
	return "", h.takeAnswer(r, a, promise.ID)
}

// answers are the buttons of a promise.
var answers = map[string]mend.PromiseState{"kept": mend.Kept, "not-yet": mend.NotYet, "let-go": mend.LetGo}

// takeAnswer reads the form of a promise: answer, and with "not yet" a new date if the person wants
// one.
func (h *Handler) takeAnswer(r *http.Request, a account.Access, promise mend.ItemID) error {
	state, ok := answers[typed(r, "answer")]
	if !ok {
		return mend.Problems{"answer": "Please choose one of the three answers."}
	}
	var due mend.Date
	if day := h.due(r, a); state == mend.NotYet && day != "" {
		var err error
		if due, err = mend.ParseDate(day); err != nil {
			return mend.Problems{"due": "Please enter a date like 2026-03-31, or leave it empty."}
		}
	}
	return h.svc.Journal.AnswerPromise(r.Context(), a, promise, state, due)
}
