package lint

import (
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.org/mend/content"
)

// The lists beside the folders of cards.
const (
	AdviceFile  = "advice.txt"  // "id: the point in a sentence" a line
	BannedFile  = "banned.txt"  // "the words | why | what to do instead" a line
	RetiredFile = "retired.txt" // "number id" a line
)

// Advice is one point of the advice that cards draw on.
type Advice struct {
	ID    string // such as amends.reflect
	Point string // one sentence, in our words
}

// ReadAdvice reads [AdviceFile].
func ReadAdvice(fsys fs.FS) ([]Advice, []Finding) {
	var advice []Advice
	var found findings
	seen := map[string]int{}
	for line, text := range listLines(fsys, AdviceFile, &found) {
		id, point, ok := strings.Cut(text, ": ")
		switch {
		case !ok || !isID(id) || strings.TrimSpace(point) == "":
			found.report(AdviceFile, place{line, 1}, `a line reads "id: the point in a sentence", such as `+
				`"amends.reflect: First look inward."`)
		case seen[id] > 0:
			found.report(AdviceFile, place{line, 1}, "%s stands in line %d already: keep one of the two", id, seen[id])
		default:
			seen[id] = line
			advice = append(advice, Advice{id, strings.TrimSpace(point)})
		}
	}
	return advice, found
}

// banned is one line of [BannedFile].
type banned struct {
	stem    string // plain text in every match. Looking for it first makes linting ten times as fast
	pattern *regexp.Regexp
	message string
}

// readBanned reads [BannedFile]. Words match whole and in any case. A * at the end of a word
// stands for any ending.
func readBanned(fsys fs.FS) ([]banned, []Finding) {
	var all []banned
	var found findings
	for line, text := range listLines(fsys, BannedFile, &found) {
		parts := strings.Split(text, "|")
		for i, p := range parts {
			parts[i] = strings.TrimSpace(p)
		}
		if len(parts) != 3 || slices.Contains(parts, "") {
			found.report(BannedFile, place{line, 1}, `a line reads "the words | why | what to do instead"`)
			continue
		}
		words := plain(parts[0])
		stem, _, _ := strings.Cut(words, "*")
		p := strings.NewReplacer(`\*`, `[a-z]*`, "'", "['’]").Replace(regexp.QuoteMeta(words))
		if isWordByte(words[0]) {
			p = `\b` + p
		}
		if isWordByte(words[len(words)-1]) {
			p += `\b`
		}
		all = append(all, banned{stem, regexp.MustCompile("(?i)" + p), parts[1] + "; " + parts[2]})
	}
	return all, found
}

func isWordByte(b byte) bool { return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' }

// readRetired reads the ids of cards that are gone, by number. The numbers are never used again,
// because people who had the card still have its number among those they have seen.
func readRetired(fsys fs.FS) (map[int]string, []Finding) {
	all := map[int]string{}
	var found findings
	if _, err := fs.Stat(fsys, RetiredFile); err != nil {
		return all, nil // none yet
	}
	for line, text := range listLines(fsys, RetiredFile, &found) {
		number, id, _ := strings.Cut(text, " ")
		n, err := strconv.Atoi(number)
		if id = strings.TrimSpace(id); err != nil || n < 1 || n > content.MaxNumber || !isID(id) {
			found.report(RetiredFile, place{line, 1}, `a line reads "number id", such as "17 amends.name-the-harm"`)
			continue
		}
		all[n] = id
	}
	return all, found
}

// listLines yields the lines of a list with their numbers, without blank lines and comments.
func listLines(fsys fs.FS, file string, found *findings) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			found.report(file, place{}, "the list cannot be read (%v): put it back beside the folders of cards", err)
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

// plain is text in small letters, with straight apostrophes.
func plain(text string) string { return strings.ToLower(strings.ReplaceAll(text, "’", "'")) }
