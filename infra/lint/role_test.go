package lint

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a function calls is what the linker kept of the adapters in its binary: it drops every
// method that nothing reachable calls. Which writes it makes of the table is told by the methods of
// the store that it kept, whose source names them.

// operations of the SDK's client that the adapter of the table has in hand, whether its
// methods are called or not.
var operations = []string{
	"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems",
	"BatchExecuteStatement",
	"DescribeEndpoints", // endpoint discovery, which is off
}

// actions of each method of the table that reads. Those of its writes depend on the
// store; see tableActions.
var actions = map[string][]string{
	"Get": {"dynamodb:GetItem"}, "GetEach": {"dynamodb:BatchGetItem"}, "Query": {"dynamodb:Query"},
}

// ownClient is the same for the adapters that ask their service themselves.
var ownClient = map[string][]string{
	// without the second a missing object is a forbidden one
	"example.org/mend/shared/blob/s3.(*Blobs).Open":           {"s3:GetObject", "s3:ListBucket"},
	"example.org/mend/shared/blob/s3.(*Blobs).Put":            {"s3:PutObject"},
	"example.org/mend/shared/blob/s3.(*Blobs).Delete":         {"s3:DeleteObject"},
	"example.org/mend/shared/queue/sqs.(*Queues).Send":        {"sqs:SendMessage"}, // which authorises SendMessageBatch
	"example.org/mend/shared/keyring.(*ParameterStore).Below": {"ssm:GetParametersByPath"},
	"example.org/mend/shared/keyring.(*ParameterStore).Make":  {"ssm:PutParameter"},
	// a raw message is authorised as the second
	"example.org/mend/shared/post/ses.(*Mailer).Send": {"ses:SendEmail", "ses:SendRawEmail"},
}

// onItsBehalf is what Lambda does with a function's role: it writes its log, and works
// through its queues.
var (
	always    = []string{"logs:CreateLogStream", "logs:PutLogEvents"}
	withQueue = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
)

var functions = []string{"Web", "Dispatch", "Send", "Reply", "Feedback"}

func TestEachRoleHasTheActionsOfItsCode(t *testing.T) {
	template := readTemplate(t)
	writes := writesOfStore(t)
	for _, name := range functions {
		t.Run(name, func(t *testing.T) {
			want := calledBy(t, strings.ToLower(name), writes)
			want = append(want, always...)
			if function := template.resource(t, name+"Function"); function.Properties["Events"] != nil {
				want = append(want, withQueue...)
			}
			slices.Sort(want)
			want = slices.Compact(want)
			got := template.actions(t, name+"Role")
			for _, action := range got {
				if !slices.Contains(want, action) {
					t.Errorf("%sRole may do %s, which the code of the function never calls", name, action)
				}
			}
			for _, action := range want {
				if !slices.Contains(got, action) {
					t.Errorf("%sRole lacks %s, which the code of the function calls", name, action)
				}
			}
		})
	}
}

// A right to an action is one to a thing: an index and a queue are things of their own.
func TestEachRoleReachesTheThingsOfItsCode(t *testing.T) {
	template := readTemplate(t)
	for _, name := range functions {
		t.Run(name, func(t *testing.T) {
			needs := map[string][]string{"dynamodb:Query": nil, "sqs:SendMessage": nil}
			reachable := reachableOfOurs(t, strings.ToLower(name))
			for method := range declarations(t, "../../shared/store", `Slots:\s*true`) {
				if reachable["shared/store."+method] {
					needs["dynamodb:Query"] = []string{"/index/slots"}
				}
			}
			for _, queue := range []string{"SendQueue", "NowQueue"} {
				for method := range inUseCases(t, `\.(Enqueue|Queue\.Send)\(\w+, mend\.`+queue) {
					if reachable[method] {
						needs["sqs:SendMessage"] = append(needs["sqs:SendMessage"], queue+".Arn")
					}
				}
			}
			for action, things := range needs {
				granted := ""
				for _, s := range template.statements(t, name+"Role") {
					if slices.Contains(list(s["Action"]), action) {
						granted += fmt.Sprint(s["Resource"])
					}
				}
				for _, thing := range []string{"/index/slots", "SendQueue.Arn", "NowQueue.Arn"} {
					has, wants := strings.Contains(granted, thing), slices.Contains(things, thing)
					if has && !wants {
						t.Errorf("%sRole may do %s on %s, which the code of the function never does",
							name, action, thing)
					}
					if wants && !has {
						t.Errorf("%sRole lacks %s on %s, which the code of the function does", name, action, thing)
					}
				}
			}
		})
	}
}

// A main that forgets an adapter compiles, and its function breaks on the day when a
// rare path wants it.
func TestEachMainGivesWhatItsCodeUses(t *testing.T) {
	for _, name := range functions {
		t.Run(name, func(t *testing.T) {
			reachable := reachableOfOurs(t, strings.ToLower(name))
			for use, adapter := range map[string]string{
				`\.Queue\.Send\(`:             "shared/queue/sqs.Send",
				`\.Blobs\.Put\(`:              "shared/blob/s3.Put",
				`\.Blobs\.Open\(`:             "shared/blob/s3.Open",
				`\.Blobs\.Delete\(`:           "shared/blob/s3.Delete",
				`\.Mailer\.Send\(`:            "shared/post/ses.Send",
				`\.Letters\.(Compose|Text)\(`: "functions/internal/letters.Composer",
				`\.Library\.`:                 "functions/internal/letters.Composer",
				`\.Keys\.(Sign|Verify)`:       "functions/internal/start.UseLinkKeys",
				`\.ReplyKeys\.`:               "functions/internal/start.UseReplyKeys",
			} {
				for method := range inUseCases(t, `\b\w+`+use) {
					if reachable[method] && !reachable[adapter] {
						t.Errorf("the %s function reaches %s, and its main gives it no %s", name, method, adapter)
					}
				}
			}
		})
	}
}

// reachableOfOurs is what of the project the linker kept in a function's binary, as
// package.Function or package.Method.
func reachableOfOurs(t *testing.T, function string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, symbol := range linked(t, function) {
		if m := ours.FindStringSubmatch(symbol); m != nil {
			all[m[1]+"."+m[2]] = true
		}
	}
	return all
}

var ours = regexp.MustCompile(`^example\.org/mend/([a-z0-9/]+)\.(?:\(\*?[A-Za-z]+\)\.)?([A-Za-z]+)`)

// declarations are the functions and methods of a package in whose source a pattern is found.
func declarations(t *testing.T, dir, pattern string) map[string]bool {
	t.Helper()
	found := declared(t, dir, pattern)
	if len(found) == 0 {
		t.Fatalf("nothing in %s reads %s", dir, pattern)
	}
	return found
}

// declared is declarations of a pattern that may be found nowhere.
func declared(t *testing.T, dir, pattern string) map[string]bool {
	t.Helper()
	found, sought := map[string]bool{}, regexp.MustCompile(pattern)
	for path, file := range parse(t, dir) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			// Positions count from 1, and each file is a set of its own.
			if f, ok := d.(*ast.FuncDecl); ok && sought.Match(text[f.Pos()-1:f.End()-1]) {
				found[f.Name.Name] = true
			}
		}
	}
	return found
}

// useCases are the packages whose code decides what a function does.
var useCases = []string{"account", "change", "dispatch", "feedback", "journal", "operate", "receive", "sending"}

// inUseCases are the functions and methods of the use cases, each with its package, in whose
// source a pattern is found.
func inUseCases(t *testing.T, pattern string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, name := range useCases {
		for method := range declared(t, "../../shared/"+name, pattern) {
			found["shared/"+name+"."+method] = true
		}
	}
	if len(found) == 0 {
		t.Fatalf("no use case reads %s", pattern)
	}
	return found
}

// Only one room may call the mail service, and only in the name of the configured address.
func TestOnlySendMayCallSES(t *testing.T) {
	template := readTemplate(t)
	for _, name := range functions {
		for _, s := range template.statements(t, name+"Role") {
			for _, action := range list(s["Action"]) {
				if !strings.HasPrefix(action, "ses:") {
					continue
				}
				if name != "Send" {
					t.Errorf("%sRole may do %s", name, action)
				}
				got := fmt.Sprint(s["Condition"])
				want := "map[StringEquals:map[ses:FromAddress:${LetterBox}@${MailDomain}]]"
				if got != want {
					t.Errorf("%s on condition %s, want %s", action, got, want)
				}
				// In the sandbox SES asks about the recipient's identity too, and the first letter
				// goes to the operator's own.
				if got := fmt.Sprint(s["Resource"]); !strings.Contains(got, ":identity/*") ||
					strings.Count(got, ":configuration-set/") != 2 {
					t.Errorf("%s on %s, want every identity and the two configuration sets", action, got)
				}
			}
		}
	}
}

// No role reaches beyond the stack: each resource is one of its own, by name.
func TestNoRoleReachesForEverything(t *testing.T) {
	template := readTemplate(t)
	for _, name := range functions {
		for _, s := range template.statements(t, name+"Role") {
			for _, resource := range list(s["Resource"]) {
				if resource == "*" || strings.HasSuffix(resource, ":*") {
					t.Errorf("%sRole: %v on %q", name, s["Action"], resource)
				}
			}
			for _, action := range list(s["Action"]) {
				if strings.Contains(action, "*") {
					t.Errorf("%sRole: action %q", name, action)
				}
			}
		}
	}
}

// calledBy is the actions of what a function's code reaches.
func calledBy(t *testing.T, function string, writes map[string][]string) []string {
	t.Helper()
	symbols := linked(t, function)
	var all []string
	statements := false
	kinds := map[string]bool{}
	for _, symbol := range symbols {
		if m := clientMethod.FindStringSubmatch(symbol); m != nil && !strings.Contains(m[2], "Options") &&
			(m[1] != "dynamodb" || !slices.Contains(operations, m[2])) {
			t.Fatalf("the %s function reaches %s of %s: say here which actions that needs", function, m[2], m[1])
		}
		if m := tableMethod.FindStringSubmatch(symbol); m != nil {
			all = append(all, actions[m[1]]...)
			statements = statements || m[1] == "WriteEach"
		}
		if granted, ours := ownClient[symbol]; ours {
			all = append(all, granted...)
		}
		if m := storeMethod.FindStringSubmatch(symbol); m != nil {
			for _, op := range writes[m[1]] {
				kinds[op] = true
			}
		}
	}
	return append(all, tableActions(statements, kinds)...)
}

// tableActions is what the writes of the store need: one by one and in a transaction the same, in a
// batch of statements PartiQL's own.
func tableActions(statements bool, kinds map[string]bool) []string {
	var all []string
	for _, w := range []struct{ op, single, partiql string }{
		{"Put", "dynamodb:PutItem", "dynamodb:PartiQLInsert"},
		{"Update", "dynamodb:UpdateItem", "dynamodb:PartiQLUpdate"},
		{"Delete", "dynamodb:DeleteItem", ""},
		{"Check", "dynamodb:ConditionCheckItem", ""},
	} {
		if !kinds[w.op] {
			continue
		}
		all = append(all, w.single)
		if statements && w.partiql != "" {
			all = append(all, w.partiql)
		}
	}
	return all
}

var (
	clientMethod = regexp.MustCompile(`aws-sdk-go-v2/service/([a-z0-9]+)\.\(\*Client\)\.([A-Z][A-Za-z]+)$`)
	tableMethod  = regexp.MustCompile(`example\.org/mend/shared/store/dynamo\.\(\*Table\)\.([A-Z][A-Za-z]+)$`)
	storeMethod  = regexp.MustCompile(`example\.org/mend/shared/store\.(?:\(\*[A-Za-z]+\)\.)?([A-Za-z]+)$`)
)

// built is what was linked before: a build takes seconds.
var built = map[string][]string{}

// linked is the symbols of a function's binary, built so that no method of ours is
// dissolved into its callers.
func linked(t *testing.T, function string) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("it links the functions")
	}
	if built[function] != nil {
		return built[function]
	}
	binary := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-gcflags=example.org/mend/...=-l",
		"-ldflags=-w", "-o", binary)
	if function == "web" {
		build.Args = append(build.Args, "-overlay", plainWeb(t))
	}
	build.Args = append(build.Args, "./functions/"+function+"/bootstrap")
	build.Dir = "../.."
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", function, err, out)
	}
	out, err := exec.Command("go", "tool", "nm", binary).Output()
	if err != nil {
		t.Fatalf("list the symbols of %s: %v", function, err)
	}
	var symbols []string
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		symbols = append(symbols, fields[len(fields)-1])
	}
	built[function] = symbols
	return symbols
}

// plainWeb is an overlay for the compiler in which the web function has another main: its pages are
// html/template, which finds methods by name, so that the linker keeps all of them. In its place
// stands a main with the same adapters that calls what the pages call of the use cases.
func plainWeb(t *testing.T) string {
	t.Helper()
	called := map[string]bool{}
	for _, file := range parse(t, "../../functions/web") {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if method, ok := call.Fun.(*ast.SelectorExpr); ok {
					if useCase, ok := method.X.(*ast.SelectorExpr); ok {
						svc, ok := useCase.X.(*ast.SelectorExpr)
						if ok && svc.Sel.Name == "svc" &&
							slices.Contains([]string{"Account", "SignUp", "SignIn", "Journal"}, useCase.Sel.Name) {
							called[useCase.Sel.Name+"."+method.Sel.Name] = true
						}
					}
				}
			}
			return true
		})
	}
	var main strings.Builder
	main.WriteString(`package main

import (
	"context"

	"example.org/mend/content"
	"example.org/mend/functions/internal/letters"
	"example.org/mend/functions/internal/start"
	"example.org/mend/shared/account"
	"example.org/mend/shared/blob/s3"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/queue/sqs"
)

var sink []any

func main() {
	f := start.New()
	f.UseLinkKeys()
	f.UseAddressKey()
	f.Base.Queue = sqs.New(f.Settings.AWS, nil)
	f.Base.Blobs = s3.New(f.Settings.AWS, nil)
	sink = append(sink, letters.Composer(f.Settings))
	Account, SignUp, SignIn := account.New(f.Base), account.NewSignUp(f.Base), account.NewSignIn(f.Base)
	Journal := journal.New(f.Base, content.Built())
`)
	for _, name := range slices.Sorted(maps.Keys(called)) {
		fmt.Fprintf(&main, "sink = append(sink, %s)\n", name)
	}
	main.WriteString("start.Lambda(f, func(context.Context, string) (int, error) { return len(sink), nil })\n}\n")
	dir := t.TempDir()
	replaced, err := filepath.Abs("../../functions/web/bootstrap/main.go")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {replaced: filepath.Join(dir, "main.go")}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"main.go": []byte(main.String()), "overlay.json": overlay} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "overlay.json")
}

// writesOfStore is which sorts of write each function of package store makes by itself.
func writesOfStore(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, file := range parse(t, "../../shared/store") {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.KeyValueExpr: // Write{Op: Put}
					if name, ok := n.Key.(*ast.Ident); ok && name.Name == "Op" {
						all[f.Name.Name] = append(all[f.Name.Name], fmt.Sprint(n.Value))
					}
				case *ast.AssignStmt: // w.Op = Update, or one of several assigned at once
					for i, left := range n.Lhs {
						if field, ok := left.(*ast.SelectorExpr); ok && field.Sel.Name == "Op" && i < len(n.Rhs) {
							all[f.Name.Name] = append(all[f.Name.Name], fmt.Sprint(n.Rhs[i]))
						}
					}
				}
				return true
			})
		}
	}
	if len(all) == 0 {
		t.Fatal("no write was found in shared/store")
	}
	return all
}

func parse(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = file
	}
	return files
}
