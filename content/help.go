package content

import "strings"

// Help is the help pages, the crisis lines and the questions of the gate.
type Help struct {
	Sections []Section
	Gate     []GateQuestion
	Lines    []CrisisLine
}

// Section is one part of the help page, from help/<name>.md.
type Section struct {
	Title string
	Slug  string // the end of its address
	HTML  string // with [ContactMark] where the operator can be reached

	// Unreachable is the HTML where no one can be reached; "" where that makes no difference.
	Unreachable string
}

// ContactMark stands in a section where the operator can be reached.
const ContactMark = "{{.Contact}}"

// GateQuestion is one of the questions before a path is chosen. Its answer is given in the
// page and sent nowhere.
type GateQuestion struct {
	Question   string `yaml:"question"`
	YesLeadsTo string `yaml:"yes_leads_to"` // "help+apart" or "help+foundations"
	Help       string `yaml:"help"`         // slug of the help section to show first
	Answer     string `yaml:"answer"`
}

// CrisisLine is a service to call. Verified is the day on which an operator last
// checked all of it, or "".
type CrisisLine struct {
	Country  string `yaml:"country"` // ISO 3166-1 alpha-2
	Name     string `yaml:"name"`
	For      string `yaml:"for"` // harmed, harming or despair
	Number   string `yaml:"number"`
	Language string `yaml:"language"`
	Hours    string `yaml:"hours"`
	Source   string `yaml:"source"`
	Verified string `yaml:"verified"`
}

// Site is the service's own website, which ends its source.
func (l CrisisLine) Site() string { return l.Source[strings.LastIndexByte(l.Source, ' ')+1:] }

// PlainName is a name of the service without digits, or "". An unverified number may be
// part of the others.
func (l CrisisLine) PlainName() string {
	owner, _, _ := strings.Cut(l.Source, ", ")
	for _, name := range []string{l.Name, owner} {
		if !strings.ContainsAny(name, "0123456789") {
			return name
		}
	}
	return ""
}

// BuiltHelp is the help that this program was built with.
func BuiltHelp() Help { return generatedHelp }
