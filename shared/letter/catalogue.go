package letter

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"example.org/mend/shared/card"
)

// catalogue is the words of one language, by key.
//
// Its file is a small part of YAML 1.2, read by hand because a sender reads it before its first letter: 40 µs, where
// goccy/go-yaml takes 1.2 ms. A test with that as its oracle holds that what we accept means the same in YAML.
//
//	# a comment
//	key: one line
//	key: "one line, for instance with a : or a # in it"
//	key: >-
//	  A paragraph that goes on
//	  over several lines.
//
//	  Another paragraph.
//	key:
//	  - one variant
//	  - another
type catalogue struct {
	file     string
	messages map[string]message
}

type message struct {
	variants []string // at least one; paragraphs are parted by "\n"
	line     int
}

func parseCatalogue(file, text string) (catalogue, []card.Finding) {
	c := catalogue{file: file, messages: map[string]message{}}
	var findings []card.Finding
	report := func(line int, format string, args ...any) {
		findings = append(findings, card.Finding{File: file, Line: line, Column: 1, Message: fmt.Sprintf(format, args...)})
	}
	if !utf8.ValidString(text) {
		report(0, "the file is not UTF-8: save it as UTF-8 in your editor")
		return c, findings
	}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); {
		line := strings.TrimRight(lines[i], " ")
		at := i + 1
		i++
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok || !isKey(key) || value != "" && value[0] != ' ' {
			report(at, `expected "key: words" at the beginning of a line, or words that belong to a key above, two spaces in`)
			continue
		}
		m := message{line: at}
		value = strings.TrimSpace(value)
		indented := i
		for i < len(lines) && (strings.HasPrefix(lines[i], "  ") || strings.TrimSpace(lines[i]) == "") {
			i++
		}
		below := lines[indented:i:i]
		var problem string
		switch value {
		case ">-":
			m.variants = []string{folded(below)}
		case "":
			m.variants, problem = items(below)
		default:
			var one string
			one, problem = scalar(value)
			m.variants = []string{one}
			if strings.TrimSpace(strings.Join(below, "")) != "" {
				problem = `words that go on over several lines need ">-" after the colon`
			}
		}
		if problem == "" && (len(m.variants) == 0 || m.variants[0] == "") {
			problem = "there are no words here"
		}
		if problem != "" {
			report(at, "%s: %s", key, problem)
			continue
		}
		if first, twice := c.messages[key]; twice {
			report(at, "%s stands in line %d already: keep one of the two", key, first.line)
			continue
		}
		c.messages[key] = m
	}
	return c, findings
}

// folded reads a block scalar of style ">-" (YAML 1.2.2 section 8.1.3): lines are joined by spaces, an empty line is a line end.
func folded(lines []string) string {
	var paragraphs []string
	var open []string
	for _, line := range append(lines, "") {
		if line = strings.TrimSpace(line); line != "" {
			open = append(open, line)
		} else if open != nil {
			paragraphs = append(paragraphs, strings.Join(open, " "))
			open = nil
		}
	}
	return strings.Join(paragraphs, "\n")
}

// items reads a block sequence of scalars of one line.
func items(lines []string) (variants []string, problem string) {
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		value, ok := strings.CutPrefix(line, "- ")
		if !ok {
			return nil, `a list has "- " before each of its lines`
		}
		one, problem := scalar(strings.TrimSpace(value))
		if problem != "" {
			return nil, problem
		}
		variants = append(variants, one)
	}
	return variants, ""
}

// scalar reads a plain or quoted scalar of one line, without escapes and comments.
func scalar(value string) (words, problem string) {
	const quoteIt = "put quotation marks around the whole"
	if value[0] == '"' || value[0] == '\'' {
		inside, rest, closed := strings.Cut(value[1:], value[:1])
		if !closed || rest != "" || strings.Contains(inside, `\`) {
			return "", `one pair of quotation marks around the whole, and neither the same mark nor \ inside it`
		}
		return inside, ""
	}
	if strings.ContainsRune("[]{}&*!|>%@`,#?-:", rune(value[0])) || strings.Contains(value, ": ") || strings.Contains(value, " #") || strings.HasSuffix(value, ":") {
		return "", quoteIt
	}
	return value, ""
}

// isKey reports small letters, joined by dots and dashes.
func isKey(key string) bool {
	letter := false
	for i := range len(key) {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z':
			letter = true
		case (c == '.' || c == '-') && letter:
			letter = false
		default:
			return false
		}
	}
	return letter
}

// tag is the language's BCP 47 tag, the file's name.
func (c catalogue) tag() string { return strings.TrimSuffix(path.Base(c.file), ".yaml") }

// one is the words of a message that has no variants; a parameter {x} takes the value that follows "x" in params.
func (c catalogue) one(key string, params ...string) string {
	return fill(c.messages[key].variants[0], params...)
}

// nth is one of a message's variants.
func (c catalogue) nth(key string, n uint, params ...string) string {
	variants := c.messages[key].variants
	return fill(variants[n%uint(len(variants))], params...)
}

func fill(words string, params ...string) string {
	for i := 0; i < len(params); i += 2 {
		words = strings.ReplaceAll(words, "{"+params[i]+"}", params[i+1])
	}
	return words
}
