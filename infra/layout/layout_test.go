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
	{"shared/letter", []string{"shared/mend", "content", "shared/curriculum", "shared/digest", "shared/cadence"},
		[]string{"golang.org/x/net", "golang.org/x/text"},
		"composing is pure: a card and a person in, a message out"},
	{"shared/capacity", []string{"shared/mend", "shared/cadence", "shared/store"}, nil,
		"a plan is arithmetic over counts that the simulator made"},
	{"shared/store/dynamo", []string{"shared/store"}, []string{"github.com/aws/aws-sdk-go-v2"},
		"an adapter knows the contract and its own engine"},
	{"shared/store/bolttable", []string{"shared/store"}, []string{"go.etcd.io/bbolt"},
		"an adapter knows the contract and its own engine"},
	{"shared/store/tabletest", []string{"shared/store"}, []string{"pgregory.net/rapid", "github.com/google/go-cmp"},
		"the suite knows the contract alone, so that every table is held to the same"},
	{"shared/store/memtable", []string{"shared/store"}, nil,
		"the table of tests and simulations depends on nothing that a proof should not rest on"},
	{"shared/store/dynamolimits", []string{"shared/store"}, nil,
		"the limits are the contract's, not an engine's"},
	{"shared/store/apply", []string{"shared/store"}, nil,
		"what a write does is the contract's, not an engine's"},
	{"shared/store", []string{"shared/mend", "shared/cadence"}, nil,
		"the records and their conditions are written once, over no engine in particular"},
	{"shared/queue/sqs", []string{"shared/mend", "shared/signed"}, []string{"github.com/aws/aws-sdk-go-v2/aws"},
		"an adapter knows the contract and its own service"},
	{"shared/blob/s3", []string{"shared/mend", "shared/signed"}, []string{"github.com/aws/aws-sdk-go-v2/aws"},
		"an adapter knows the contract and its own service"},
	{"shared/post/ses", []string{"shared/mend", "shared/signed"}, []string{"github.com/aws/aws-sdk-go-v2"},
		"an adapter knows the contract and its own service"},
	{"shared/signed", nil, []string{"github.com/aws/aws-sdk-go-v2/aws"},
		"a signed request knows nothing of what is asked"},
	{"shared/heap", nil, nil,
		"how often garbage is collected has to do with nothing else"},
	{"shared/keyring", []string{"shared/token", "shared/signed"}, []string{"github.com/aws/aws-sdk-go-v2/aws"},
		"functions read the keys and the operator's command makes them: both know one form"},
	{"shared/local", []string{"shared/mend", "shared/keyring", "shared/store/bolttable"},
		[]string{"go.etcd.io/bbolt"},
		"what one machine has in the place of AWS knows the ports and its one file"},
	{"shared/change", []string{"shared/mend", "shared/cadence", "shared/token", "shared/store"}, nil,
		"every use case is built on it, so every function links what it imports"},
	{"shared/dispatch", []string{"shared/mend", "shared/cadence", "shared/store", "shared/change"}, nil,
		"handing out what is due needs the table and the clock, and nothing that letters are made of"},
	{"shared/account", []string{
		"shared/mend", "shared/cadence", "shared/calendar", "shared/token", "shared/store", "shared/change"},
		[]string{"golang.org/x/net/idna", "golang.org/x/text/unicode/norm", "golang.org/x/net/publicsuffix"},
		"what a person decides about their letters needs neither a mail that came in nor a letter that goes out"},
	{"shared/feedback", []string{"shared/mend", "shared/store", "shared/change", "shared/account"}, nil,
		"a bounce ends letters as a stop does: by a change of the account"},
	{"shared/monthly", []string{
		"shared/mend", "shared/cadence", "shared/digest", "shared/store", "shared/change", "shared/account"}, nil,
		"the sender writes the month, and the journal knows it again"},
	{"shared/sending", []string{
		"shared/mend", "shared/cadence", "content", "shared/curriculum", "shared/digest", "shared/letter",
		"shared/token", "shared/store", "shared/change", "shared/dispatch", "shared/account", "shared/monthly"}, nil,
		"what sends letters reads none: no stranger's mail is parsed where the mail service may be called"},
	{"shared/journal", []string{
		"shared/mend", "shared/cadence", "content", "shared/curriculum", "shared/digest", "shared/letter",
		"shared/inbox/command", "shared/token", "shared/store", "shared/change", "shared/account"}, nil,
		"the pages keep what people write, and take no mail apart"},
	{"shared/receive", []string{
		"shared/mend", "shared/cadence", "content", "shared/curriculum", "shared/digest", "shared/letter",
		"shared/inbox", "shared/token", "shared/store", "shared/change", "shared/account", "shared/monthly",
		"shared/journal"}, nil,
		"what reads mails sends none; it knows letters because people quote them"},
	{"shared/operate", []string{
		"shared/mend", "shared/cadence", "shared/store", "shared/change", "shared/dispatch", "shared/account"}, nil,
		"a restore is made of the same changes as everything else"},
	{"shared/service", []string{"shared", "content"}, nil,
		"it assembles the use cases and decides nothing"},
	{"shared/export", []string{
		"shared/mend", "shared/account", "shared/change", "shared/curriculum", "shared/store"}, nil,
		"the page and the operator's command hand out the same file"},
	{"functions/send/bootstrap", []string{"functions", "shared", "content"}, nil,
		"no other function may call the mail service"},
	{"functions/web/bootstrap", []string{"functions", "shared", "content"}, nil,
		"a main wires and does nothing else"},
	{"functions/web", []string{"functions/internal", "shared", "content"}, []string{
		"github.com/aws/aws-lambda-go", "golang.org/x/net/html"},
		"pages, what people wrote for them, and the landing page's letter taken apart; " +
			"only functions know Lambda's events"},
	{"functions/internal/settings", []string{"shared/mend"}, []string{"github.com/aws/aws-sdk-go-v2"},
		"settings are read before anything is wired"},
	{"functions/internal/start", []string{"functions/internal", "shared", "content"},
		[]string{"github.com/aws/aws-lambda-go", "github.com/aws/aws-sdk-go-v2"},
		"the one place where adapters meet the service on AWS"},
	{"functions", []string{"functions/internal", "shared", "content"}, []string{"github.com/aws/aws-lambda-go"},
		"a function wires; only functions know Lambda's events"},
	{"content/lint", []string{"content", "shared/letter", "shared/mend"},
		[]string{"github.com/goccy/go-yaml", "github.com/yuin/goldmark"},
		"editors' files are read here and nowhere else: the functions get Go values"},
	{"content/gen", []string{"content"}, nil,
		"the Go values are made of what lint read"},
	{"content", []string{"shared/mend"}, nil,
		"what Mend says is Go values: a function reads and parses nothing"},
	{"cmd", []string{"functions", "shared", "content"}, []string{"*"},
		"the command drives everything, Lambda's events included; an operator needs no laboratory"},
	{"infra", []string{"functions", "shared", "content", "cmd"}, []string{"*"},
		"where things live, and the tests of all of it together"},
}

// Rules for single packages inside a room, beside its own rule.
var forbidden = []struct{ room, imported, reason string }{
	{"shared", "shared/service", "it assembles all of them, and nothing needs all of them but what stands above"},
	{"functions", "shared/service", "a function links the use cases that its trigger needs"},
	{"functions", "content/lint", "the functions get Go values, and read no file of content"},
	{"shared", "content/lint", "the functions get Go values, and read no file of content"},
	{"functions", "shared/store/bolttable", "a function runs on AWS; the one file is the machine's"},
	{"functions", "shared/local", "a function runs on AWS; the one file is the machine's"},
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
		{"ZoneBounds", "shared/cadence", "at the end of a leap year it may name an end that is over, " +
			"so a loop over it never ends: cadence.Changes does"},
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
		"time/tzdata": "it is an older zone database beside our own (shared/cadence/zones.db)",
		"github.com/aws/aws-sdk-go-v2/config": "LoadDefaultConfig reads files " +
			"and asks the network for what Lambda has set already",
		"github.com/aws/aws-sdk-go-v2/service/dynamodb/schemas": "it makes the schemas of all operations " +
			"as the process starts: stay below v1.69.0, see docs/dependencies.md",
		"github.com/aws/aws-sdk-go-v2/service/sesv2": "its tables cost every cold start; " +
			"shared/signed asks for the one operation",
		"github.com/aws/aws-sdk-go-v2/service/sqs": "the same",
		"github.com/aws/aws-sdk-go-v2/service/s3":  "the same, and more than all the rest of a function",
		"github.com/yuin/goldmark": "it makes tables as the process starts; " +
			"content/gen has run it before",
		"github.com/goccy/go-yaml":           "the functions read no file that people write",
		module + "shared/store/dynamolimits": "DynamoDB holds its limits itself, and a send pays for each check",
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
	for _, f := range []struct {
		function string
		rooms    []string
		reason   string
	}{
		{"dispatch", []string{"shared/inbox", "shared/letter", "content", "shared/account"},
			"a tick names letters and makes none"},
		{"feedback", []string{"shared/inbox", "shared/letter", "content"}, "an event ends letters and makes none"},
		{"send", []string{"shared/inbox", "shared/journal"}, "what may call the mail service parses nobody's mail"},
		{"reply", []string{"shared/sending", "shared/post"}, "what parses mail sends none"},
		{"web", []string{"shared/sending", "shared/post"}, "what everyone can reach sends nothing by itself"},
		{"web", []string{"shared/inbox/mime", "shared/inbox/replytext", "shared/receive"},
			"pages read no mail, and start sooner without"},
	} {
		out, err := exec.Command("go", "list", "-deps", module+"functions/"+f.function+"/bootstrap").Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		for linked := range strings.FieldsSeq(string(out)) {
			for _, room := range f.rooms {
				if within(strings.TrimPrefix(linked, module), room) {
					t.Errorf("the %s function links %s: %s", f.function, linked, f.reason)
				}
			}
		}
	}
}

// mostMethods is how many methods a reader can keep in mind of one type.
const mostMethods = 40

// largeTypes have more, and their numbers may only fall.
var largeTypes = map[string]int{
	"infra/simulation.checker":  58,
	"infra/simulation.somebody": 51,
}

func TestNoTypeHasTooManyMethods(t *testing.T) {
	counts := map[string]int{}
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || f.Recv == nil {
					continue
				}
				receiver := f.Recv.List[0].Type
				if star, ok := receiver.(*ast.StarExpr); ok {
					receiver = star.X
				}
				if id, ok := receiver.(*ast.Ident); ok {
					counts[strings.TrimPrefix(p.ImportPath, module)+"."+id.Name]++
				}
			}
		}
	}
	if len(counts) < 100 {
		t.Fatalf("%d types with methods", len(counts))
	}
	for name, n := range counts {
		if n > max(mostMethods, largeTypes[name]) {
			t.Errorf("%s has %d methods, want at most %d: part it by what its methods need",
				name, n, max(mostMethods, largeTypes[name]))
		}
	}
	for name := range largeTypes {
		if counts[name] <= mostMethods {
			t.Errorf("%s has %d methods: it is no longer large, so take it out of largeTypes", name, counts[name])
		}
	}
}

// A reader who opens a package meets one sentence that says what it is, and it
// stands in one place, so that it cannot contradict itself.
func TestEveryPackageHasOneDoc(t *testing.T) {
	for _, p := range packages(t) {
		var documented []string
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil,
				parser.PackageClauseOnly|parser.ParseComments)
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
