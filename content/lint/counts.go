package lint

import (
	"fmt"
	"slices"

	"example.org/mend/content"
)

// counts finds what the library as a whole has too little or too much of.
func (l *linter) counts() {
	if len(l.drafts) < leastCards {
		l.lacks("there are %d cards, at least %d: write %d more", len(l.drafts), leastCards, leastCards-len(l.drafts))
	}
	lib := l.library()
	for _, path := range content.Paths() {
		for _, role := range append(content.RolesOf(path), content.RoleUnset) {
			for _, noContact := range []bool{false, true} {
				if n := len(lib.Eligible(path, role, noContact)); n < leastEligible {
					l.lacks("%s has %d cards for %s, at least %d: write %d more for them in %s or %s",
						path, n, whom(role, noContact), leastEligible, leastEligible-n, path, content.Shared)
				}
			}
		}
	}
	for _, a := range l.advice {
		l.coverage(a.ID)
	}
}

func whom(role content.Role, noContact bool) string {
	who := map[content.Role]string{
		content.BrokeTrust: "those who broke trust", content.WasHurt: "those who were hurt",
		content.Both: "those who did both", content.RoleUnset: "those who did not say their role",
	}[role]
	if noContact {
		who += " and have no contact"
	}
	return who
}

// coverage wants more than one card that draws on an advice.
func (l *linter) coverage(id string) {
	n := 0
	for _, d := range l.drafts {
		if slices.Contains(d.Advice, id) {
			n++
		}
	}
	if n < leastPerAdvice {
		l.lacks("%s is the advice of %d cards, at least %d: write one that draws on it", id, n, leastPerAdvice)
	}
}

func (l *linter) lacks(format string, args ...any) {
	l.findings = append(l.findings, Finding{Message: fmt.Sprintf(format, args...)})
}
