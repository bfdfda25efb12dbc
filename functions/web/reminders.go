package web

import (
	"cmp"
	"strconv"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// reminder reads the settings, and the reminder that the path names; its number is 0 where the path
// names none.
func (v *visit) reminder() (now account.Settings, one account.Reminder, err error) {
	now, err = v.svc.Account.Settings(v.ctx(), v.Access)
	number := v.r.PathValue("number")
	if err != nil || number == "" {
		return now, one, err
	}
	for _, one := range now.Reminders {
		if strconv.Itoa(int(one.Number)) == number {
			return now, one, nil
		}
	}
	return now, one, &mend.Error{Code: mend.NotFound, Sentence: "This reminder isn’t here any more."}
}

func showReminders(v *visit) error {
	now, one, err := v.reminder()
	if err != nil {
		return err
	}
	f := v.form()
	switch {
	case v.sent:
	case one.Number == 0:
		f.Form = account.Form{Cadence: "weekly", Day: "1", Time: "09:00", Zone: now.Form.Zone}
	default:
		f.Form = account.ReminderFormOf(one)
	}
	f.SignedIn, f.Today, f.Clock = true, v.svc.TodayIn(now.Form.Zone), v.clock(f.Zone)
	base, did := v.preferences(), v.r.URL.Query().Get("done")
	return v.page("reminders", page{Title: "Your reminders", Path: now.Path, Done: flashMessages[did], Data: data{
		"Form": f, "All": now.Reminders, "Number": one.Number, "Was": one.Shown,
		"Base": base, "Here": base + "/reminders",
		"Saved": did, "Rounded": v.asks("rounded"),
	}})
}

// changeReminder adds a reminder, changes one, pauses it, starts it or deletes it.
func changeReminder(v *visit) (string, error) {
	now, one, err := v.reminder()
	if err != nil {
		return "", err
	}
	number, did := one.Number, ""
	switch action := v.typed("action"); {
	case number == 0, action == "":
		f := v.form().Form
		f.Zone = cmp.Or(f.Zone, now.Form.Zone)
		f.Date = v.isoDate(f.Date, now.Form.Zone)
		number, err = v.svc.Account.SaveReminder(v.ctx(), v.Access, number, f)
		if did = strconv.Itoa(int(number)); number == 0 { // it was there already
			did = "saved"
		}
		if rounded(f.Time) {
			did += "&rounded"
		}
	case action == "delete":
		did, err = "deleted", v.svc.Account.DropReminder(v.ctx(), v.Access, number)
	case action == "pause", action == "start":
		did, err = strconv.Itoa(int(number)), v.svc.Account.PauseReminder(v.ctx(), v.Access, number, action == "pause")
	default:
		err = errMalformed
	}
	return v.preferences() + "/reminders?done=" + did, err
}
