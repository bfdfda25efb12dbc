package lint

import (
	"io/fs"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.org/mend/content"
)

// The lists beside the folders of cards.
const (
	AdviceFile  = "advice.txt"  // "id: the point in a sentence" a line
	bannedFile  = "banned.txt"  // "the words | why | what to do instead" a line
	retiredFile = "retired.txt" // "number id" a line
)

// Advice is one point of the advice that cards draw on.
type Advice struct {
	ID    string // such as amends.reflect
	Point string // one sentence, in our words
}

func (l *linter) readAdvice(fsys fs.FS) {
	seen := map[string]int{}
	list := l.file(AdviceFile)
	for line, text := range list.lines(fsys) {
		id, point, ok := strings.Cut(text, ": ")
		switch {
		case !ok || !isID(id) || strings.TrimSpace(point) == "":
			list.fault(place{line, 1}, `a line reads "id: the point in a sentence", such as `+
				`"amends.reflect: First look inward."`)
		case seen[id] > 0:
			list.fault(place{line, 1}, "%s stands in line %d already: keep one of the two", id, seen[id])
		default:
			seen[id] = line
			l.advice = append(l.advice, Advice{id, strings.TrimSpace(point)})
		}
	}
}

type banned struct {
	stem    string // plain text in every match. Looking for it first makes linting ten times as fast
	pattern *regexp.Regexp
	message string
}

// readBanned reads words that match whole and in any case. A * at the end of a word stands for any
// ending.
func (l *linter) readBanned(fsys fs.FS) {
	list := l.file(bannedFile)
	for line, text := range list.lines(fsys) {
		parts := strings.Split(text, "|")
		for i, p := range parts {
			parts[i] = strings.TrimSpace(p)
		}
		if len(parts) != 3 || slices.Contains(parts, "") {
			list.fault(place{line, 1}, `a line reads "the words | why | what to do instead"`)
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
		l.bans = append(l.bans, banned{stem, regexp.MustCompile("(?i)" + p), parts[1] + "; " + parts[2]})
	}
}

func isWordByte(b byte) bool { return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' }

// readRetired reads the ids of cards that are gone, by number. The numbers are never used again,
// because people who had the card still have its number among those they have seen.
func (l *linter) readRetired(fsys fs.FS) []Finding {
	if _, err := fs.Stat(fsys, retiredFile); err != nil {
		return nil // none yet
	}
	list := l.file(retiredFile)
	for line, text := range list.lines(fsys) {
		number, id, _ := strings.Cut(text, " ")
		n, err := strconv.Atoi(number)
		if id = strings.TrimSpace(id); err != nil || n < 1 || n > content.MaxNumber || !isID(id) {
			list.fault(place{line, 1}, `a line reads "number id", such as "17 amends.name-the-harm"`)
			continue
		}
		l.retired[n] = id
	}
	return list.faults
}

// lines yields the lines of a list with their numbers, without blank lines and comments.
func (s *source) lines(fsys fs.FS) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		data, err := fs.ReadFile(fsys, s.File)
		if err != nil {
			s.fault(place{}, "the list cannot be read (%v): put it back beside the folders of cards", err)
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
