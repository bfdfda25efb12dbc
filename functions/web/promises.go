package web

import (
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
)

// showPromise shows a promise to the holder of its letter. Words are left out where they are left
// out of the letter, since its holder could follow the link.
func showPromise(v *visit) error {
	promise, err := v.svc.Journal.Promise(v.ctx(), v.Access, v.Of.OneOff)
	if err != nil {
		return err
	}
	now, err := v.svc.Account.Settings(v.ctx(), v.Access)
	if err != nil {
		return err
	}
	f, rules := v.form(), mend.Privacy(now.Form.Privacy).Rules()
	f.Today = v.svc.TodayIn(now.Form.Zone)
	if !rules.ShowsWords(promise.ShowWords) {
		promise.Words = ""
	}
	return v.page("promise", page{Title: "A question", Data: data{
		"Promise": promise, "Answered": v.done(), "Form": f, "Space": now.NoContact,
	}})
}

func answerPromise(v *visit) (string, error) { return "", v.answerPromise(v.Of.OneOff) }

// answerPromise takes the form of a promise: the answer, and with "not yet" a new date if
// the person wants one.
func (v *visit) answerPromise(id mend.ItemID) error {
	answer := mend.PromiseState(v.typed("answer"))
	return v.svc.Journal.AnswerPromise(v.ctx(), v.Access, id, answer, v.typed("due"))
}

func addPromise(v *visit) (string, error) {
	return toJournal("added"), v.svc.Journal.AddPromise(v.ctx(), v.Access, v.promiseForm())
}

func (v *visit) promiseForm() journal.PromiseForm {
	return journal.PromiseForm{Words: v.typed("promise"), ShowWords: v.ticked("show_words"),
		Due: v.typed("due"), Was: v.typed("was")}
}

// showOwnPromise shows a promise to the person who is signed in.
func showOwnPromise(v *visit) error {
	id, ok := mend.ParseItemID(v.r.PathValue("promise"))
	if !ok {
		return errNoPage
	}
	p, err := v.svc.Journal.Promise(v.ctx(), v.Access, id)
	if err != nil {
		return err
	}
	now, err := v.svc.Account.Settings(v.ctx(), v.Access)
	if err != nil {
		return err
	}
	f := v.form()
	f.Today = v.svc.TodayIn(now.Form.Zone)
	if v.typed("action") != "change" {
		f.Promise, f.ShowWords, f.Due = p.Words, p.ShowWords, p.Due.String()
	}
	return v.page("ownpromise", page{Title: "Something to do", Data: data{
		"Promise": p, "Form": f, "Was": journal.Shown(p),
	}})
}

// changePromise takes an answer to a promise, other words or another day for it, or deletes it.
func changePromise(v *visit) (string, error) {
	id, ok := mend.ParseItemID(v.r.PathValue("promise"))
	if !ok {
		return "", errNoPage
	}
	switch v.typed("action") {
	case "delete":
		return toJournal("deleted"), v.svc.Journal.DeletePromise(v.ctx(), v.Access, id)
	case "change":
		return toJournal("saved"), v.svc.Journal.EditPromise(v.ctx(), v.Access, id, v.promiseForm())
	}
	return toJournal("saved"), v.answerPromise(id)
}
