package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// reminders is what the pages of reminders show. Number is the one that is being changed, 0 on the
// page of all.
type reminders struct {
	Form   form
	All    []account.Reminder
	Number uint8
	Base   string // the path of the settings
	Here   string // the path of the page of all

	Saved   string // the number of the one that was saved just now
	Rounded bool   // to another time than was typed
}

var errNoReminder = &mend.Error{Code: mend.NotFound, Sentence: "This reminder isn’t here any more."}

// reminderOf finds the reminder that a path names; its number is 0 where the path names none.
func reminderOf(now account.Settings, r *http.Request) (account.Reminder, error) {
	typed := r.PathValue("number")
	for _, one := range now.Reminders {
		if strconv.Itoa(int(one.Number)) == typed {
			return one, nil
		}
	}
	if typed != "" {
		return account.Reminder{}, errNoReminder
	}
	return account.Reminder{}, nil
}

func (h *Handler) showReminders(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	now, err := h.svc.Account.Settings(r.Context(), a)
	if err != nil {
		return err
	}
	one, err := reminderOf(now, r)
	if err != nil {
		return err
	}
	f := formOf(r, o)
	if !o.Sent {
		saved := account.ReminderFormOf(one)
		if one.Number == 0 {
			saved.Form = account.Form{Cadence: "weekly", Day: "1", Time: "09:00", Zone: now.Form.Zone}
		}
		f.Form, f.Words, f.ShowWords = saved.Form, saved.Words, saved.ShowWords
		f.Every, f.Nth, f.Month, f.Date = saved.Every, saved.Nth, saved.Month, saved.Date
	}
	f.SignedIn, f.Today, f.Clock = true, h.today(now.Form.Zone), h.clock(f.Zone)
	base := "/preferences/" + r.PathValue("token")
	query := r.URL.Query()
	return h.page(w, "reminders", o, page{Title: "Your reminders", SignedIn: true, Path: now.Path, Done: done[query.Get("done")],
		Data: reminders{f, now.Reminders, one.Number, base, base + "/reminders", query.Get("done"), query.Has("rounded")}})
}

// changeReminder adds a reminder, changes one, pauses it, starts it or deletes it.
func (h *Handler) changeReminder(_ http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	now, err := h.svc.Account.Settings(r.Context(), a)
	if err != nil {
		return "", err
	}
	one, err := reminderOf(now, r)
	if err != nil {
		return "", err
	}
	did := "saved"
	if one.Number > 0 {
		did = strconv.Itoa(int(one.Number))
	}
	switch action := typed(r, "action"); {
	case one.Number == 0, action == "":
		typed := formOf(r, outcome{})
		f := account.ReminderForm{Words: typed.Words, ShowWords: typed.ShowWords, Form: typed.Form, Every: typed.Every,
			Nth: typed.Nth, Month: typed.Month, Date: typed.Date}
		f.Zone = cmp.Or(f.Zone, now.Form.Zone)
		f.Date = h.isoDate(f.Date, now.Form.Zone)
		if f.Cadence != string(mend.ByWeekday) && !(f.Cadence == string(mend.Monthly) && f.Day == "") {
			f.Nth = "" // the box stands on the page whatever the rhythm
		}
		var after account.Settings
		after, err = h.svc.Account.SaveReminder(r.Context(), a, one.Number, f)
		for _, added := range after.Reminders {
			if one.Number == 0 && !slices.ContainsFunc(now.Reminders, func(r account.Reminder) bool { return r.Number == added.Number }) {
				did = strconv.Itoa(int(added.Number))
			}
		}
		if rounded(f.Time) {
			did += "&rounded"
		}
	case action == "delete":
		did = "deleted"
		_, err = h.svc.Account.DropReminder(r.Context(), a, one.Number)
	case action == "pause", action == "start":
		_, err = h.svc.Account.PauseReminder(r.Context(), a, one.Number, action == "pause")
	default:
		err = errMalformed
	}
	return "/preferences/" + r.PathValue("token") + "/reminders?done=" + did, err
}
