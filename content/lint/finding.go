package lint

import (
	"cmp"
	"fmt"
	"strings"
)

// Finding is one thing that is wrong with the content, and what to write instead.
type Finding struct {
	File    string `json:"file,omitempty"`   // below content/, such as amends/07-name-the-harm.md; "" for the library
	Line    int    `json:"line,omitempty"`   // from 1; 0 for the file as a whole
	Column  int    `json:"column,omitempty"` // in characters, from 1
	Message string `json:"message"`
}

// Error is file:line:column: message, as compilers write it.
func (f Finding) Error() string {
	switch {
	case f.File == "":
		return "library: " + f.Message
	case f.Line == 0:
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
}

func byPlace(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column, cmp.Compare(a.Message, b.Message))
}

// place is a line and a column, both from 1, the column in characters. The zero place
// is a file as a whole.
type place struct{ line, column int }

type findings []Finding

func (f *findings) report(file string, at place, format string, args ...any) {
	*f = append(*f, Finding{file, at.line, at.column, fmt.Sprintf(format, args...)})
}

// need reports a finding, unless all is well.
func (f *findings) need(well bool, file string, at place, format string, args ...any) {
	if !well {
		f.report(file, at, format, args...)
	}
}

// orList suggests the nearest of the known words. If none is near, it lists them all.
func orList[T ~string](got T, known []T) string {
	var all []string
	for _, k := range known {
		all = append(all, string(k))
	}
	return cmp.Or(DidYouMean(string(got), all), ": write one of "+strings.Join(all, ", "))
}

// DidYouMean is a suggestion to append to a message, or "" if no known word is near enough.
func DidYouMean(got string, known []string) string {
	best, least := "", len(got)/3+2
	for _, k := range known {
		if d := editDistance(strings.ToLower(got), k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance is Levenshtein's, in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
