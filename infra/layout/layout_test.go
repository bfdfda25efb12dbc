package layout

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "example.org/mend/"

// A rule says what the packages below a folder may import of the project and of the world.
type rule struct {
	room    string   // the folder, and what is below it
	project []string // folders of the project that it may import, and what is below them
	world   []string // modules beside the standard library; "*" for any
	reason  string
}

// The first rule whose room fits counts.
var rules = []rule{
	{"shared/mend", nil, nil,
		"the nouns are everybody's: what they import, everybody imports"},
	{"shared/cadence", []string{"shared/mend"}, nil,
		"pure time: a date falls due by arithmetic alone, the same on every machine"},
	{"shared/calendar", []string{"shared/mend", "shared/cadence"}, nil,
		"a calendar is the same for the same settings"},
	{"shared/token", []string{"shared/mend"}, nil,
		"what opens a journal is checked with the standard library's cryptography and nothing else"},
	{"shared/curriculum", []string{"shared/mend", "content"}, nil,
		"choosing is pure, so that its laws can be tested as properties"},
	{"shared/inbox/language", nil, []string{"golang.org/x/text"},
		"what is known of languages is data: nothing else is needed to look a phrase up"},
	{"shared/inbox/mime", nil, []string{"github.com/emersion/go-message", "golang.org/x/text", "golang.org/x/net"},
		"taking a message apart is pure: MIME and charsets are a library's work"},
	{"shared/inbox/replytext", []string{"shared/inbox/language"}, []string{"golang.org/x/net"},
		"finding the author's words is pure: lines in, words out"},
	{"shared/inbox/command", []string{"shared/mend", "shared/inbox/language"}, nil,
		"finding orders is pure: words and a date in, orders out"},
	{"shared/inbox", nil, []string{"github.com/emersion/go-message"},
		"reading a reply is pure: bytes in, words out"},
	{"shared/digest", []string{"shared/mend"}, nil,
		"a month of records gives the same figures on every machine"},
	{"shared/letter", []string{"shared/mend", "content", "shared/curriculum", "shared/digest", "shared/cadence"}, []string{"golang.org/x/net", "golang.org/x/text"},
		"composing is pure: a card and a person in, a message out"},
	{"shared/capacity", []string{"shared/mend", "shared/cadence", "shared/store"}, nil,
		"a plan is arithmetic over counts that the simulator made"},
	{"shared/store/dynamo", []string{"shared/store"}, []string{"github.com/aws/aws-sdk-go-v2"},
		"an adapter knows the contract and its own engine"},
	{"shared/store/embedded", []string{"shared/mend", "shared/store"}, []string{"go.etcd.io/bbolt"},
		"an adapter knows the contract and its own engine"},
	{"shared/store/tabletest", []string{"shared/store"}, []string{"pgregory.net/rapid", "github.com/google/go-cmp"},
		"the suite knows the contract alone, so that every table is held to the same"},
	{"shared/store/memtable", []string{"shared/store"}, nil,
		"the table of tests and simulations depends on nothing that a proof should not rest on"},
	{"shared/store/dynamolimits", []string{"shared/store"}, nil,
		"the limits are the contract's, not an engine's"},
	{"shared/store", []string{"shared/mend", "shared/cadence", "shared/store/dynamolimits"}, nil,
		"the records and their conditions are written once, over no engine in particular"},
	{"shared/queue/sqs", []string{"shared/service", "shared/signed"}, []string{"github.com/aws/aws-sdk-go-v2/aws"},
		"an adapter knows the contract and its own service"},
	{"shared/blob/s3", []string{"shared/service", "shared/signed"}, []string{"github.com/aws/aws-sdk-go-v2/aws"},
		"an adapter knows the contract and its own service"},
	{"shared/post/ses", []string{"shared/mend", "shared/service", "shared/signed"}, []string{"github.com/aws/aws-sdk-go-v2"},
		"an adapter knows the contract and its own service"},
	{"shared/signed", nil, []string{"github.com/aws/aws-sdk-go-v2/aws"},
		"a signed request knows nothing of what is asked"},
	{"shared/keyring", []string{"shared/token", "shared/signed"}, []string{"github.com/aws/aws-sdk-go-v2/aws"},
		"functions read the keys and the operator's command makes them: both know one form"},
	{"shared/queue", []string{"shared/mend", "shared/store/embedded"}, nil,
		"an adapter knows its own engine"},
	{"shared/blob", []string{"shared/mend", "shared/store/embedded"}, nil,
		"an adapter knows its own engine"},
	{"shared/post", []string{"shared/mend", "shared/store/embedded"}, nil,
		"an adapter knows its own engine"},
	{"shared/service", []string{
		"shared/mend", "shared/cadence", "shared/calendar", "content", "shared/curriculum", "shared/token", "shared/letter",
		"shared/inbox", "shared/digest", "shared/store"}, []string{"golang.org/x/net/idna", "golang.org/x/text/unicode/norm", "golang.org/x/net/publicsuffix"},
		"the use cases never import AWS: the same code runs in a function, on one machine and in a simulation"},
	{"shared/export", []string{"shared/mend", "shared/service", "shared/curriculum"}, nil,
		"the page and the operator's command hand out the same file"},
	{"functions/send/bootstrap", []string{"functions", "shared"}, nil,
		"no other function may call the mail service"},
	{"functions/web/bootstrap", []string{"functions", "shared", "content"}, nil,
		"a main wires and does nothing else"},
	{"functions/web", []string{"functions/internal", "shared", "content"}, []string{
		"github.com/aws/aws-lambda-go", "golang.org/x/net/html"},
		"pages, what people wrote for them, and the landing page's letter taken apart; only functions know Lambda's events"},
	{"functions/internal/settings", []string{"shared/mend"}, []string{"github.com/aws/aws-sdk-go-v2"},
		"settings are read before anything is wired"},
	{"functions/internal/start", []string{"functions/internal", "shared", "content"}, []string{"github.com/aws/aws-lambda-go", "github.com/aws/aws-sdk-go-v2"},
		"the one place where adapters meet the service on AWS"},
	{"functions", []string{"functions/internal", "shared", "content"}, []string{"github.com/aws/aws-lambda-go"},
		"a function wires; only functions know Lambda's events"},
	{"content/lint", []string{"content", "shared/letter", "shared/mend"}, []string{"github.com/goccy/go-yaml", "github.com/yuin/goldmark"},
		"editors' files are read here and nowhere else: the functions get Go values"},
	{"content/gen", []string{"content"}, nil,
		"the Go values are made of what lint read"},
	{"content", nil, nil,
		"what Mend says is Go values: a function reads and parses nothing"},
	{"cmd", []string{"functions", "shared", "content"}, []string{"*"},
		"the command drives everything, Lambda's events included; an operator needs no laboratory"},
	{"infra", []string{"functions", "shared", "content", "cmd"}, []string{"*"},
		"where things live, and the tests of all of it together"},
}

// Rules for single packages inside a room, beside its own rule.
var forbidden = []struct{ room, imported, reason string }{
	{"shared/service", "shared/store/embedded", "the use cases work over any table"},
	{"functions", "content/lint", "the functions get Go values, and read no file of content"},
	{"shared", "content/lint", "the functions get Go values, and read no file of content"},
	{"functions", "shared/store/embedded", "a function runs on AWS; the one file is the machine's"},
}

type listed struct {
	ImportPath string
	Dir        string
	Imports    []string
	GoFiles    []string

	TestGoFiles, XTestGoFiles []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

func TestImportsPointInward(t *testing.T) {
	for _, p := range packages(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		r, ok := ruleFor(room)
		if !ok {
			t.Errorf("%s: there is no rule for this room: add one, with its reason", room)
			continue
		}
		for _, imported := range p.Imports {
			if !allowed(r, room, imported) {
				t.Errorf("%s imports %s, which it may not: %s", room, imported, r.reason)
			}
			for _, f := range forbidden {
				if within(room, f.room) && within(strings.TrimPrefix(imported, module), f.imported) {
					t.Errorf("%s imports %s, which it may not: %s", room, imported, f.reason)
				}
			}
		}
	}
}

func ruleFor(room string) (rule, bool) {
	for _, r := range rules {
		if within(room, r.room) {
			return r, true
		}
	}
	return rule{}, false
}

func allowed(r rule, room, imported string) bool {
	if inProject, ok := strings.CutPrefix(imported, module); ok {
		if within(inProject, r.room) {
			return true
		}
		for _, folder := range r.project {
			if within(inProject, folder) {
				return true
			}
		}
		return false
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return true // the standard library
	}
	for _, m := range r.world {
		if m == "*" || within(imported, m) {
			return true
		}
	}
	return false
}

// Calls that one package alone may make, each with its reason.
func TestCallsWithOneHome(t *testing.T) {
	for _, only := range []struct{ call, home, reason string }{
		{"LoadLocation", "", "it prefers the machine's zone database, which may be years old: cadence.Zone has ours"},
		{"LoadLocationFromTZData", "shared/cadence", "cadence.Zone has our zone database"},
		{"ZoneBounds", "shared/cadence", "at the end of a leap year it may name an end that is over, so a loop over it never ends: cadence.Changes does"},
	} {
		for _, p := range packages(t) {
			if strings.TrimPrefix(p.ImportPath, module) == only.home {
				continue
			}
			for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
				file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
				if err != nil {
					t.Fatal(err)
				}
				ast.Inspect(file, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == only.call {
						t.Errorf("%s/%s calls %s: %s", p.ImportPath, name, only.call, only.reason)
					}
					return true
				})
			}
		}
	}
}

// What every function links costs every cold start.
func TestFunctionsDoNotLink(t *testing.T) {
	costly := map[string]string{
		"time/tzdata":                         "it is an older zone database beside our own (shared/cadence/zones.db)",
		"github.com/aws/aws-sdk-go-v2/config": "LoadDefaultConfig reads files and asks the network for what Lambda has set already",
		"github.com/aws/aws-sdk-go-v2/service/dynamodb/schemas": "it makes the schemas of all operations as the process starts: stay below v1.69.0, see docs/dependencies.md",
		"github.com/aws/aws-sdk-go-v2/service/sesv2":            "its tables cost every cold start; shared/signed asks for the one operation",
		"github.com/aws/aws-sdk-go-v2/service/sqs":              "the same",
		"github.com/aws/aws-sdk-go-v2/service/s3":               "the same, and more than all the rest of a function",
		"github.com/yuin/goldmark":                              "it makes tables as the process starts; content/gen has run it before",
		"github.com/goccy/go-yaml":                              "the functions read no file that people write",
	}
	out, err := exec.Command("go", "list", "-deps", module+"functions/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for linked := range strings.FieldsSeq(string(out)) {
		if reason, ok := costly[linked]; ok {
			t.Errorf("a function links %s: %s", linked, reason)
		}
	}
}

// A reader who opens a package meets one sentence that says what it is, and it
// stands in one place, so that it cannot contradict itself.
func TestEveryPackageHasOneDoc(t *testing.T) {
	for _, p := range packages(t) {
		var documented []string
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if file.Doc != nil {
				documented = append(documented, name)
			}
		}
		if len(p.GoFiles) > 0 && len(documented) != 1 {
			t.Errorf("%s: the files with a package doc are %q, want one", p.ImportPath, documented)
		}
	}
}

// A name that says nothing attracts everything.
func TestNoRoomIsNamedForNothing(t *testing.T) {
	for _, p := range packages(t) {
		for part := range strings.SplitSeq(p.ImportPath, "/") {
			switch part {
			case "util", "utils", "common", "types", "models", "helpers", "misc":
				t.Errorf("%s: name the package for what it holds, not %q", p.ImportPath, part)
			}
		}
	}
}
