package mime

import "strings"

// flowed says how a text/plain part wraps its lines (RFC 3676).
type flowed struct {
	on    bool // format=flowed: a line that ends in a space goes on on the next
	delSp bool // delsp=yes: and that space is not part of the text
}

func flowedFrom(params map[string]string) flowed {
	return flowed{
		on:    strings.EqualFold(params["format"], "flowed"),
		delSp: strings.EqualFold(params["delsp"], "yes"),
	}
}

// unflow joins flowed lines of the same quote depth (RFC 3676 sections 4.1 to 4.5) and takes
// out the space that is stuffed before lines that begin with one, with > or with "From ".
func (f flowed) unflow(text string) string {
	if !f.on {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	open, openDepth := false, 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		depth := 0
		for depth < len(line) && line[depth] == '>' {
			depth++
		}
		content := strings.TrimPrefix(line[depth:], " ")
		soft := strings.HasSuffix(content, " ") && content != "-- "
		if open && (depth != openDepth || content == "-- ") {
			b.WriteByte('\n')
			open = false
		}
		if !open && depth > 0 {
			b.WriteString(line[:depth])
			b.WriteByte(' ')
		}
		if soft && f.delSp {
			content = content[:len(content)-1]
		}
		b.WriteString(content)
		if open, openDepth = soft, depth; !open {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
