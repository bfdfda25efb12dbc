package lint

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"example.org/mend/content"
)

// RetiredFile lists the cards that are gone: "number id" a line. Their numbers are never used again, because people
// who had the card still have its number among those they have seen.
const RetiredFile = "retired.txt"

type retired struct {
	number int
	id     string
}

func readRetired(fsys fs.FS) ([]retired, []Finding) {
	var all []retired
	var findings []Finding
	if _, err := fs.Stat(fsys, RetiredFile); err != nil {
		return nil, nil // none yet
	}
	for line, text := range listLines(fsys, RetiredFile, &findings) {
		number, id, _ := strings.Cut(text, " ")
		n, err := strconv.Atoi(number)
		if id = strings.TrimSpace(id); err != nil || n < 1 || n > content.MaxNumber || !isID(id) {
			findings = append(findings, Finding{RetiredFile, line, 1, fmt.Sprintf("a line reads \"number id\", such as %q", "17 amends.name-the-harm")})
			continue
		}
		all = append(all, retired{n, id})
	}
	return all, findings
}
