package web

import (
	"bytes"
	"io"
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
func copyOf(as export.Format, mediaType string) func(*visit) error {
	return func(v *visit) error {
		after := v.r.URL.Query().Get("after")
		var file bytes.Buffer
		next, err := v.copyPart(&file, as, after)
		if err != nil {
			return err
		}
		name := "letters-" + mend.DateOf(v.svc.Now().UTC()).String() // which says nothing of what it is about
		if after != "" {
			name += "-more"
		}
		if next != "" {
			v.w.Header().Set("Link", "<"+v.r.URL.Path+"?after="+url.QueryEscape(next)+`>; rel="next"`)
		}
		v.w.Header().Set("Content-Type", mediaType)
		v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+"."+string(as)+`"`)
		_, err = file.WriteTo(v.w)
		return err
	}
}

// copyPart writes a part of a copy, and returns where the next one begins.
func (v *visit) copyPart(to io.Writer, as export.Format, after string) (next string, err error) {
	return export.Write(v.ctx(), v.svc.Base, v.Access, to, as, export.Part{After: after, Most: PartOfACopy})
}

// exportParts is the files of a copy in one format: where each begins, of which the first is "".
type exportParts struct {
	Format export.Format
	Label  string
	Parts  []string
}

// showCopies leads to every file of a copy. It counts them by writing them, and keeps none.
func showCopies(v *visit) error {
	all := []exportParts{
		{export.Markdown, "A file to read (Markdown)", []string{""}},
		{export.JSON, "A file for programs (JSON)", []string{""}},
	}
	for i := range all {
		for after := ""; ; {
			var err error
			if after, err = v.copyPart(io.Discard, all[i].Format, after); err != nil {
				return err
			}
			if after == "" {
				break
			}
			all[i].Parts = append(all[i].Parts, after)
		}
	}
	return v.page("copies", page{Title: "A copy of everything", Data: all})
}

func showErase(v *visit) error {
	title := "Erase everything"
	if v.done() {
		title, v.SignedIn = "Everything has been deleted", false
	}
	return v.page("erase", page{Title: title, Data: data{
		"Form": v.form(), "Typed": v.typed("confirm"), "Word": account.EraseWord, "Done": v.done(),
	}})
}

func erase(v *visit) (string, error) {
	err := v.svc.Account.Erase(v.ctx(), v.Access, v.typed("confirm"))
	if err == nil {
		v.forget(v.w)
	}
	return "", err
}
