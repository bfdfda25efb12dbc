package lint

import (
	"fmt"
	"io/fs"
	"strings"
)

// AdviceFile lists the advice that cards draw on, beside the folders.
const AdviceFile = "advice.txt"

// Advice is one point of the advice.
type Advice struct {
	ID    string // such as amends.reflect
	Point string // one sentence, in our words
}

// ReadAdvice reads [AdviceFile]: "id: point" a line, blank lines and lines that begin with # aside.
func ReadAdvice(fsys fs.FS) ([]Advice, []Finding) {
	var advice []Advice
	var findings []Finding
	seen := map[string]int{}
	for line, text := range listLines(fsys, AdviceFile, &findings) {
		id, point, ok := strings.Cut(text, ": ")
		switch {
		case !ok || !isID(id) || strings.TrimSpace(point) == "":
			findings = append(findings, Finding{AdviceFile, line, 1, `a line reads "id: the point in a sentence", such as "amends.reflect: First look inward."`})
		case seen[id] > 0:
			findings = append(findings, Finding{AdviceFile, line, 1, fmt.Sprintf("%s stands in line %d already: keep one of the two", id, seen[id])})
		default:
			seen[id] = line
			advice = append(advice, Advice{id, strings.TrimSpace(point)})
		}
	}
	return advice, findings
}

// listLines yields the lines of a list with their numbers, without blank lines and comments.
func listLines(fsys fs.FS, file string, findings *[]Finding) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			*findings = append(*findings, Finding{File: file, Message: fmt.Sprintf("the list cannot be read (%v): put it back beside the folders of cards", err)})
			return
		}
		line := 0
		for text := range strings.Lines(string(data)) {
			line++
			if text = strings.TrimSpace(text); text != "" && text[0] != '#' && !yield(line, text) {
				return
			}
		}
	}
}
