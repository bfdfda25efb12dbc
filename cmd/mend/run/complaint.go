package run

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// suggestion is what kong adds to an unknown word: the nearest that it knows, however far.
var suggestion = regexp.MustCompile(`, did you mean "(.*?)"\?$`)

// Complaint says in a line why a command's arguments could not be read, and what shows those that
// can be.
func Complaint(program string, err error) string {
	says, help := err.Error(), program+" --help"
	if wrong, ok := errors.AsType[*kong.ParseError](err); ok && program == "mend" {
		command, _, _ := strings.Cut(wrong.Context.Command(), "<") // without its arguments
		help = strings.TrimSpace("mend help " + command)
	}
	if wrong, ok := errors.AsType[*time.ParseError](err); ok {
		says = strings.Replace(says, wrong.Error(),
			fmt.Sprintf("%q is no instant, such as 2026-03-01T07:00:00Z", wrong.Value), 1)
	}
	end := "."
	if near := suggestion.FindStringSubmatch(says); near != nil {
		says = strings.TrimSuffix(says, near[0])
		if len(near[1]) > len("-h") { // any flag of one letter is near
			says, end = says+": did you mean "+near[1], "?"
		}
	}
	return fmt.Sprintf("%s%s %s shows what there is.", says, end, help)
}
