package lint

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// BannedFile lists the words that cards may not hold, beside the folders.
const BannedFile = "banned.txt"

// banned is one line of the list.
type banned struct {
	stem    string // what every match holds, see plain: looking for it first makes linting ten times as fast
	pattern *regexp.Regexp
	message string
}

// readBanned reads [BannedFile]: "words | why | what to do instead" a line.
func readBanned(fsys fs.FS) ([]banned, []Finding) {
	var all []banned
	var findings []Finding
	for line, text := range listLines(fsys, BannedFile, &findings) {
		parts := strings.Split(text, "|")
		for i, p := range parts {
			parts[i] = strings.TrimSpace(p)
		}
		if len(parts) != 3 || slices.Contains(parts, "") {
			findings = append(findings, Finding{BannedFile, line, 1, `a line reads "the words | why | what to do instead"`})
			continue
		}
		stem, _, _ := strings.Cut(plain(parts[0]), "*")
		all = append(all, banned{stem, wordsPattern(parts[0]), parts[1] + "; " + parts[2]})
	}
	return all, findings
}

// find is the first match in text, as the text writes it.
func (b banned) find(text, plainText string) (offset int, match string, found bool) {
	if !strings.Contains(plainText, b.stem) {
		return 0, "", false
	}
	at := b.pattern.FindStringIndex(text)
	if at == nil {
		return 0, "", false
	}
	return at[0], text[at[0]:at[1]], true
}

// wordsPattern matches whole words in any case; a * at the end of a word stands for any ending.
func wordsPattern(words string) *regexp.Regexp {
	p := regexp.QuoteMeta(plain(words))
	p = strings.ReplaceAll(p, `\*`, `[a-z]*`)
	p = strings.ReplaceAll(p, "'", "['’]")
	if isWordByte(words[0]) {
		p = `\b` + p
	}
	if isWordByte(words[len(words)-1]) {
		p += `\b`
	}
	return regexp.MustCompile("(?i)" + p)
}

func isWordByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9'
}

// plain is text in small letters, with straight apostrophes.
func plain(text string) string {
	return strings.ToLower(strings.ReplaceAll(text, "’", "'"))
}
