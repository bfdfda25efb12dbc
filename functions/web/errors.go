package web

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"example.org/mend/shared/mend"
)

// statuses is what each code of an error becomes. NeedSignIn is a way to /signin instead.
var statuses = map[mend.Code]int{
	mend.NotFound: http.StatusNotFound,
	mend.Gone:     http.StatusGone,
	mend.Busy:     http.StatusConflict,
	mend.Invalid:  http.StatusUnprocessableEntity,
	mend.TooMany:  http.StatusTooManyRequests,
}

// fail answers with what went wrong: a page with a way forward.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	var told *mend.Error
	var problems mend.Problems
	switch {
	case errors.As(err, &told) && told.Code == mend.NeedSignIn && hasUnsavedText(r):
		h.show(w, http.StatusForbidden, "ended", page{Title: "You’ve been signed out", Data: unsavedForm(r)})
	case errors.As(err, &told) && told.Code == mend.NeedSignIn:
		http.Redirect(w, r, "/signin?first=yes", http.StatusSeeOther)
	case errors.As(err, &told) && statuses[told.Code] != 0:
		h.refuse(w, r, statuses[told.Code], told.Sentence)
	case errors.As(err, &problems):
		h.errorPage(w, http.StatusUnprocessableEntity, "", problems)
	case errors.Is(err, errTooLarge):
		h.errorPage(w, http.StatusRequestEntityTooLarge, "", nil)
	case errors.Is(err, errMalformed):
		h.errorPage(w, http.StatusBadRequest, "", nil)
	default:
		_, route := h.mux().Handler(r)
		h.svc.Log.ErrorContext(r.Context(), "request", "route", route, "error", err)
		h.refuse(w, r, http.StatusInternalServerError, "")
	}
}

// refuse answers with a page that says what is wrong, by its status or in the service's own
// sentence. Words that would be lost with the form come back on it.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, status int, sentence string) {
	if !hasUnsavedText(r) {
		h.errorPage(w, status, sentence, nil)
		return
	}
	h.show(w, status, "unsaved", page{Title: "Not saved yet", Data: data{
		"Sentence": cmp.Or(sentence, "Something went wrong on our side."), "Form": unsavedForm(r),
	}})
}

// longFields are those into which a person may write for longer than a session lasts.
var longFields = []string{"words", "promise"}

// hasUnsavedText reports a form of the journal, of a letter's page or of a reminder with words that
// would be lost with the page: browsers keep nothing of ours to go back to.
func hasUnsavedText(r *http.Request) bool {
	begins := func(path string) bool { return strings.HasPrefix(r.URL.Path, path) }
	return r.Method == http.MethodPost &&
		slices.ContainsFunc([]string{"/journal", "/letter/", "/preferences/"}, begins) &&
		slices.ContainsFunc(longFields, func(f string) bool { return strings.TrimSpace(r.PostForm.Get(f)) != "" })
}

type postedField struct {
	Name, Value string
	Long        bool
}

// unsavedForm is a form whose words weren't kept: to be sent once more, from a page that shows
// them.
func unsavedForm(r *http.Request) data {
	var fields []postedField
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		for _, value := range r.PostForm[name] {
			fields = append(fields, postedField{strings.ToValidUTF8(name, ""), strings.ToValidUTF8(value, "\uFFFD"),
				slices.Contains(longFields, name)})
		}
	}
	return data{"To": r.URL.Path, "Fields": fields}
}

// unrouted answers where no route matched: the mux knows whether the path or the method is to
// blame.
func (h *Handler) unrouted(w http.ResponseWriter, r *http.Request) {
	plain := &answer{header: http.Header{}}
	handler, _ := h.mux().Handler(r)
	handler.ServeHTTP(plain, r)
	if allow := plain.header.Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
	}
	status := plain.status
	if status < http.StatusBadRequest { // the mux would lead to a cleaner path, where no page is either
		status = http.StatusNotFound
	}
	h.errorPage(w, status, "", nil)
}

// errNoPage is a path that leads nowhere.
var errNoPage = &mend.Error{Code: mend.NotFound}

// errorPage is the page that takes the place of what was asked for: it says what is wrong by its
// status, and in the service's own sentence or by the problems of a form where there are any.
func (h *Handler) errorPage(w http.ResponseWriter, status int, sentence string, problems mend.Problems) {
	h.show(w, status, "trouble", page{Title: "Sorry", Problems: problems,
		Data: data{"Status": status, "Sentence": sentence}})
}
