package web_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whichever of two forms is written first, both hold: each changes only what it has fields for. A
// stricter privacy that was saved isn't taken back by a form that asks for another hour.
func TestTwoSettingsSavedAtOnceBothHold(t *testing.T) {
	forms := map[string]url.Values{
		"rhythm":  {"cadence": {"weekdays"}, "time": {"21:15"}, "zone": {"Asia/Tokyo"}},
		"pause":   {"pause_until": {"2026-03-31"}},
		"monthly": {"digest": {""}, "digest_day": {"14"}, "quiet_month": {"", "on"}, "last_year": {""}},
		"path":    {"path": {"foundations"}},
		"privacy": {"privacy": {"link-only"}},
		"subject": {"cover": {"Reading"}},
		"name":    {"name": {"Zoë"}},
	}
	for first, early := range forms {
		for second, late := range forms {
			if first == second {
				continue
			}
			t.Run(first+" and "+second, func(t *testing.T) {
				save := func(atOnce bool) any {
					w := newWorld(t, "2026-02-26T09:00").join("privacy", "quotes")
					session := w.signIn()
					save := func(name string, form url.Values) {
						w.want(w.post(w.settingsPath(session)+"/"+name, form, session), 303)
					}
					if atOnce { // the second is saved while the first is being saved
						path := w.settingsPath(session) + "/" + first
						w.before = func() { save(second, late) }
						w.want(w.post(path, early, session), 303)
					} else {
						save(second, late)
						save(first, early)
					}
					return w.settings().Form
				}
				if diff := cmp.Diff(save(false), save(true)); diff != "" {
					t.Errorf("one after the other (-) and at once (+):\n%s", diff)
				}
			})
		}
	}
}
