package replytext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
)

// line is one line on its way through the rules.
type line struct {
	text  string // without its quote marks if the marks are real, trailing space gone
	low   string // folded, without quote marks
	depth int    // of quotation: > marks, or quote containers of HTML
	rule  Rule
	mark  mark
}

// mark is what is known of a line beside its words.
type mark uint8

const (
	inSignature     mark = 1 << iota // inside a signature container of the HTML
	inQuoteBox                       // inside a container that holds the quoted mail, headers included
	inHead                           // inside a container for an attribution line or a header block
	strictDelimiter                  // "-- " to the byte
	plainQuote                       // inside a <blockquote> that no client has marked
	typedInside                      // the author's, inside or below the quoted letter
)

// lines are all lines of a message, or those that stand together.
type lines []line

func (l *line) blank() bool { return l.low == "" }

// left reports that the line has text, and no rule has taken it.
func (l *line) left() bool { return l.rule == "" && l.low != "" }

// splitLines cuts text into lines and folds them. It is linear and allocates three times.
func splitLines(text string) []line {
	lines := make([]line, 0, 1+strings.Count(text, "\n"))
	for len(text) > 0 {
		raw := text
		if i := strings.IndexByte(text, '\n'); i >= 0 {
			raw, text = text[:i], text[i+1:]
		} else {
			text = ""
		}
		l := line{text: raw}
		if n := len(raw); n > 0 && (raw[n-1] <= ' ' || raw[n-1] >= utf8.RuneSelf) {
			l.text = strings.TrimRightFunc(raw, unicode.IsSpace)
		}
		if strings.TrimSuffix(raw, "\r") == "-- " {
			l.mark = strictDelimiter
		}
		lines = append(lines, l)
	}
	for i := range lines {
		lines[i].depth = depthBelow(lines, i)
	}
	foldLines(lines)
	return lines
}

// foldLines fills in low.
func foldLines(lines []line) {
	size := 0
	for i := range lines {
		size += len(lines[i].text)
	}
	buffer := make([]byte, 0, size+size/8)
	ends := make([]int, len(lines))
	for i := range lines {
		buffer = language.AppendFold(buffer, lines[i].bare())
		ends[i] = len(buffer)
	}
	all, start := string(buffer), 0
	for i, end := range ends {
		lines[i].low = all[start:end]
		start = end
	}
}

// bare is the text of a line without its quote marks.
func (l *line) bare() string {
	if l.depth == 0 {
		return l.text
	}
	_, end := quoteDepth(l.text)
	return l.text[end:]
}

// depthBelow is the depth of line i by its own marks. A mark that closes the address on the line
// above, such as "> wrote:", quotes nothing.
func depthBelow(lines []line, i int) int {
	text := lines[i].text
	depth, _ := quoteDepth(text)
	if depth == 1 && i > 0 && lines[i-1].depth == 0 && endsInAddress(lines[i-1].text) &&
		len(text) < 60 && strings.HasSuffix(language.Fold(text), ":") {
		return 0
	}
	return depth
}

// quoteDepth counts the > marks in front of a line and says where they end.
func quoteDepth(s string) (depth, end int) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '>':
			if depth == 0 && i > 8 {
				return 0, 0
			}
			depth++
			end = i + 1
		case ' ', '\t':
		default:
			if depth == 0 && s[i] >= utf8.RuneSelf { // a mark of direction or of zero width before the >
				r, size := utf8.DecodeRuneInString(s[i:])
				if language.FoldRune(r) == -1 || r == '\u00a0' {
					i += size - 1
					continue
				}
			}
			return depth, end
		}
	}
	return depth, end
}

// endsInAddress reports a line that breaks off inside <…, or ends in an address, as wrapped
// attribution lines do.
func endsInAddress(s string) bool {
	if opensAddress(s) {
		return true
	}
	last := s[strings.LastIndexByte(s, ' ')+1:]
	return strings.Contains(last, "@") && !strings.HasSuffix(s, ":")
}

// opensAddress reports a line that breaks off inside <…
func opensAddress(s string) bool {
	open := strings.LastIndexByte(s, '<')
	return open >= 0 && !strings.Contains(s[open:], ">") && len(s)-open < 200
}
