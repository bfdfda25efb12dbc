package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"
)

// doctorSays is what `mend doctor` prints while some things are left to do. A test of cmd/mend
// holds its lines to the checks.
//
//go:embed doctor.txt
var doctorSays string

// The width of a drawn terminal in characters, and the size of one in pixels.
const columns, characterWidth, lineHeight = 128, 7.2, 17

// drawTerminal draws lines as a terminal shows them. A line that begins with "not" stands out.
func drawTerminal(out io.Writer, command, text string) error {
	var b bytes.Buffer
	y := 24
	put := func(color, line string) {
		write(&b, 12, y, `xml:space="preserve" fill="`+color+`"`, line)
		y += lineHeight
	}
	put("#7dcfff", "$ "+command)
	for line := range strings.Lines(text) {
		color, rest := "#c0caf5", strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(rest, "not") {
			color = "#ff9e64"
		}
		for first := true; rest != ""; first = false {
			room := columns
			if !first {
				room -= 20
			}
			end := len(rest)
			if end > room {
				end = strings.LastIndex(rest[:room], " ") + 1
			}
			if first {
				put(color, rest[:end])
			} else {
				put(color, strings.Repeat(" ", 20)+rest[:end])
			}
			rest = rest[end:]
		}
	}
	_, err := fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d"
font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="12">
<title>%s</title>
<rect width="100%%" height="100%%" rx="6" fill="#1a1b26"/>
%s</svg>
`, columns*characterWidth+24, y, command, b.String())
	return err
}
