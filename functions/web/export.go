package web

import (
	"net/url"

	"example.org/mend/shared/account"
	"example.org/mend/shared/export"
	"example.org/mend/shared/mend"
)

// PartOfACopy is how many bytes of records one part of a copy has. Lambda takes an answer of 6 MB,
// in base64 where it is large: either format of a part fits, and so does one of a single reply with
// a whole megabyte of words, the most that one can have.
const PartOfACopy = 2 << 20

// copyOf answers with a copy of everything, or with a part of a long one. No letter tells of it:
// GET changes nothing, and the visit began with a letter to this inbox.
func copyOf(as export.Format, mediaType string) func(*visit) error {
	return func(v *visit) error {
		after := v.r.URL.Query().Get("after")
		part, err := v.copyPart(after)
		if err != nil {
			return err
		}
		name := "letters-" + mend.DateOf(v.svc.Now().UTC()).String() // which says nothing of what it is about
		if after != "" {
			name += "-more"
		}
		if part.Next != "" {
			v.w.Header().Set("Link", "<"+v.r.URL.Path+"?after="+url.QueryEscape(part.Next)+`>; rel="next"`)
		}
		v.w.Header().Set("Content-Type", mediaType)
		v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+"."+string(as)+`"`)
		return part.Write(v.w, as)
	}
}

func (v *visit) copyPart(after string) (export.Everything, error) {
	return export.Read(v.ctx(), v.svc.Base, v.Access, export.Part{After: after, Most: PartOfACopy})
}

// showCopies leads to every part of a copy in each format. It reads all of them to see where each
// begins, and keeps none.
func showCopies(v *visit) error {
	parts := []string{""}
	for {
		part, err := v.copyPart(parts[len(parts)-1])
		if err != nil {
			return err
		}
		if part.Next == "" {
			break
		}
		parts = append(parts, part.Next)
	}
	return v.page("copies", page{Title: "A copy of everything", Data: parts})
}

func showErase(v *visit) error {
	title := "Delete everything"
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
