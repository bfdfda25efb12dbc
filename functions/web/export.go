package web

import (
	"io"
	"net/http"
	"net/url"

	"example.org/mend/shared/account"
	"example.org/mend/shared/export"
	"example.org/mend/shared/mend"
)

// PartOfACopy is how many bytes one part of a copy has, give or take a record. Lambda takes an
// answer of 6 MB, in base64 where it is large; a record with a whole megabyte of words, the most
// that a reply can have, still fits.
const PartOfACopy = 2 << 20

// copyOf answers with a copy of everything, or with a part of it where it is long. No letter tells
// of it: it is fetched by GET, which changes nothing, and each visit to the journal began with a
// letter to this inbox.
func (h *Handler) copyOf(as export.Format, mediaType string) shower {
	return func(w http.ResponseWriter, r *http.Request, a account.Access, _ outcome) error {
		part := export.Part{After: r.URL.Query().Get("after"), Most: PartOfACopy}
		file := &answer{header: http.Header{}}
		next, err := export.Write(r.Context(), h.svc.Account, a, file, as, part)
		if err != nil {
			return err
		}
		name := "letters-" + mend.DateOf(h.svc.Now().UTC()).String() // which says nothing of what it is about
		if part.After != "" {
			name += "-more"
		}
		if next != "" {
			w.Header().Set("Link", "<"+r.URL.Path+"?after="+url.QueryEscape(next)+`>; rel="next"`)
		}
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+"."+string(as)+`"`)
		_, err = w.Write(file.body.Bytes())
		return err
	}
}

// copies is the files of a copy in one format: where each begins, of which the first is "".
type copies struct {
	File  string
	Label string
	Parts []string
}

// showCopies leads to every file of a copy. It counts them by writing them, and keeps none.
func (h *Handler) showCopies(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	all := []copies{{"export.md", "A file to read (Markdown)", nil}, {"export.json", "A file for programs (JSON)", nil}}
	for i, as := range []export.Format{export.Markdown, export.JSON} {
		for after, more := "", true; more; more = after != "" {
			all[i].Parts = append(all[i].Parts, after)
			var err error
			after, err = export.Write(r.Context(), h.svc.Account, a, io.Discard, as,
				export.Part{After: after, Most: PartOfACopy})
			if err != nil {
				return err
			}
		}
	}
	return h.page(w, "copies", o, page{Title: "A copy of everything", SignedIn: true, Data: all})
}
