package web

import (
	"errors"
	"net/http"
	"strconv"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
)

// reminders is what the pages of reminders show. Number is the one that is being changed, 0 on the
// page of all.
type reminders struct {
	Form   form
	All    []service.Reminder
	Number uint8
	Here   string // the path of the page of all
}

func (h *Handler) remindersPage(w http.ResponseWriter, r *http.Request) error {
	_, now, err := h.ownSettings(r)
	if err != nil {
		return err
	}
	blank := service.ReminderForm{Form: service.Form{Cadence: "weekly", Day: "1", Time: "09:00", Zone: now.Form.Zone}}
	h.showReminders(w, r, http.StatusOK, now, 0, blank, nil)
	return nil
}

func (h *Handler) reminderPage(w http.ResponseWriter, r *http.Request) error {
	_, now, err := h.ownSettings(r)
	if err != nil {
		return err
	}
	number, reminder := reminderOf(now, r)
	if number == 0 {
		h.apology(w, http.StatusNotFound)
		return nil
	}
	h.showReminders(w, r, http.StatusOK, now, number, service.ReminderFormOf(reminder), nil)
	return nil
}

// reminderOf finds the reminder that a path names; number 0 if there is none.
func reminderOf(now service.Settings, r *http.Request) (number uint8, _ service.Reminder) {
	n, err := strconv.ParseUint(r.PathValue("number"), 10, 8)
	if err != nil {
		return 0, service.Reminder{}
	}
	for _, reminder := range now.Reminders {
		if reminder.Number == uint8(n) {
			return reminder.Number, reminder
		}
	}
	return 0, service.Reminder{}
}

func (h *Handler) showReminders(w http.ResponseWriter, r *http.Request, status int, now service.Settings, number uint8,
	f service.ReminderForm, problems service.Problems) {
	said := ""
	if problems == nil {
		said = done[r.URL.Query().Get("done")]
	}
	h.show(w, status, "reminders", page{Title: "Your reminders", Problems: problems, Done: said,
		SignedIn: true, Data: reminders{
			Form: form{
				Form: f.Form, Words: f.Words, ShowWords: f.ShowWords, Every: f.Every, Nth: f.Nth, Month: f.Month,
				Date: f.Date, Problems: problems, SignedIn: true, Today: h.today(now.Form.Zone), Clock: h.clock(f.Zone),
			},
			All: now.Reminders, Number: number, Here: "/preferences/" + r.PathValue("token") + "/reminders",
		}})
}

func (h *Handler) addReminder(w http.ResponseWriter, r *http.Request) error {
	a, now, err := h.ownSettings(r)
	if err != nil {
		return err
	}
	return h.saveReminder(w, r, a, now, 0)
}

func (h *Handler) changeReminder(w http.ResponseWriter, r *http.Request) error {
	a, now, err := h.ownSettings(r)
	if err != nil {
		return err
	}
	number, _ := reminderOf(now, r)
	if number == 0 {
		h.apology(w, http.StatusNotFound)
		return nil
	}
	switch typed(r, "action") {
	case "delete":
		_, err = h.svc.DropReminder(r.Context(), a, number)
	case "pause", "start":
		_, err = h.svc.PauseReminder(r.Context(), a, number, typed(r, "action") == "pause")
	default:
		return h.saveReminder(w, r, a, now, number)
	}
	if err != nil {
		return err
	}
	h.toReminders(w, r, "saved")
	return nil
}

func (h *Handler) saveReminder(w http.ResponseWriter, r *http.Request, a service.Access, now service.Settings,
	number uint8) error {
	f := service.ReminderForm{
		Words: typed(r, "words"), ShowWords: on(r, "show_words"), Form: overlay(service.Form{Zone: now.Form.Zone}, r),
		Every: typed(r, "every"), Nth: typed(r, "nth"), Month: typed(r, "month"), Date: typed(r, "date"),
	}
	if f.Cadence != string(mend.ByWeekday) && !(f.Cadence == string(mend.Monthly) && f.Day == "") {
		f.Nth = "" // the box stands on the page whatever the rhythm
	}
	_, err := h.svc.SaveReminder(r.Context(), a, number, f)
	if problems, ok := errors.AsType[service.Problems](err); ok {
		h.showReminders(w, r, http.StatusUnprocessableEntity, now, number, f, problems)
		return nil
	}
	if err != nil {
		return err
	}
	h.toReminders(w, r, savedAs(f.Time))
	return nil
}

func (h *Handler) toReminders(w http.ResponseWriter, r *http.Request, done string) {
	http.Redirect(w, r, "/preferences/"+r.PathValue("token")+"/reminders?done="+done, http.StatusSeeOther)
}
