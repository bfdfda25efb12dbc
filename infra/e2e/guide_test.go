//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"example.org/mend/shared/account"
	"example.org/mend/shared/store/dynamo/dynamotest"
)

// cannot are the commands of docs/aws.md that the emulator cannot run, by how they begin, and why.
var cannot = map[string]string{
	"aws service-quotas ": "the emulator has no Service Quotas",
	"aws logs tail ": "it is of version 2 of the AWS command line, which no package " +
		"registry has",
	"go run ./cmd/mend reopen ":                    "no mailbox bounced, and the emulator lists none that did",
	"aws dynamodb restore-table-to-point-in-time ": "the emulator restores no table; the test makes a copy instead",
	"go run ./cmd/mend restore --data":             "it is of one machine; the tests of cmd/mend run it",
	"go run ./cmd/mend rescue --data":              "it is of one machine; the tests of cmd/mend run it",
}

// answers are what is typed where a command asks.
var answers = map[string]string{
	"mend receive": "yes\n", "mend redrive": "yes\n", "mend restore": "yes\n",
	"mend export": someone + "\n" + someone + "\n" + account.EraseWord + "\n", // and mend erase, in the same block
}

// someone has joined before their copy is asked for.
const someone = "someone@their-domain.org"

// The doctor ends with an error as long as something is left to do.
const unwell = "mend doctor"

// The commands of the guide do what they are there for, as they stand in docs/aws.md, from the
// first to the last.
func TestTheGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/aws.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```$").FindAllStringSubmatch(string(text), -1)
	g := newGuide(t)
	ran := 0
	for _, b := range blocks {
		commands := strings.TrimSpace(b[1])
		if g.leftOut(t, commands) {
			continue
		}
		ran++
		name, _, _ := strings.Cut(commands, "\n")
		if !t.Run(name[:min(len(name), 60)], func(t *testing.T) { g.follow(t, commands) }) {
			t.Fatal("what comes after it rests on it")
		}
	}
	for begins := range cannot {
		if !g.left[begins] {
			t.Errorf("docs/aws.md has no command %q", begins)
		}
	}
	if ran < 15 {
		t.Errorf("%d blocks of commands were run of %d", ran, len(blocks))
	}
}

// guide is a shell in a copy of the repository, whose account is an emulator.
type guide struct {
	*stack
	shell io.Writer
	says  *bufio.Reader
	dir   string
	left  map[string]bool
}

func newGuide(t *testing.T) *guide {
	t.Helper()
	g := &guide{stack: &stack{postbox: newPostbox(t), front: newFront(t)}, dir: t.TempDir(), left: map[string]bool{}}
	g.emulator = startEmulator(t, g.postbox.server.URL)
	g.connect()
	copied := copyOfRepository(t)
	for _, tool := range []string{"sam", "awscli"} {
		run(t, filepath.Join(root(t), "infra/tools/python-tool.sh"), tool)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	scripts := map[string]string{
		// The emulator knows less of CloudFormation than AWS.
		filepath.Join(g.dir, "sam"): ".tools/sam/bin/sam \"$@\"\n[ \"$1\" = build ] || exit 0\ncd infra/e2e && " +
			"MEND_PLAIN_TEMPLATES=1 exec " + self,
		// Version 1 reads its region from another variable.
		filepath.Join(g.dir, "aws"): "AWS_DEFAULT_REGION=$AWS_REGION exec " + filepath.Join(root(t),
			".tools/awscli/bin/aws") + " \"$@\"",
		// The linters are run by themselves.
		filepath.Join(copied, "infra/lint/templates"): "",
	}
	for path, script := range scripts {
		if err := os.WriteFile(path, []byte("#!/bin/sh\nset -e\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	tests, err := filepath.Glob(filepath.Join(copied, "infra/lint/*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range tests {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	shell := exec.CommandContext(t.Context(), "bash")
	shell.Dir = copied
	shell.Env = append(os.Environ(), "PATH="+g.dir+":"+os.Getenv("PATH"),
		"MAKEFLAGS=sam="+filepath.Join(g.dir, "sam")+" ARCH="+architecture())
	in, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = shell.Wait() // its status is that of the last command
	})
	g.shell, g.says = in, bufio.NewReader(out)
	_, _ = fmt.Fprintln(in, "set -E")
	return g
}

// leftOut reports commands that the emulator cannot run.
func (g *guide) leftOut(t *testing.T, commands string) bool {
	t.Helper()
	for begins := range cannot {
		if strings.HasPrefix(commands, begins) {
			g.left[begins] = true
			if strings.Contains(begins, "restore-table") {
				g.copyTable(t, "mend-restored")
			}
			return true
		}
	}
	return false
}

// copyTable makes a table with all that is in the stack's own, as a restore does.
func (g *guide) copyTable(t *testing.T, name string) {
	t.Helper()
	if _, err := g.table.CreateTable(t.Context(), dynamotest.Schema(name)); err != nil {
		t.Fatal(err)
	}
	for pages := dynamodb.NewScanPaginator(g.table,
		&dynamodb.ScanInput{TableName: aws.String(g.out["Table"])}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			if _, err := g.table.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: it}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// follow types a block of commands, and what they ask for.
func (g *guide) follow(t *testing.T, commands string) {
	t.Helper()
	if strings.Contains(commands, "mend export") {
		g.post(t, g.Site()+"/join", url.Values{"email": {someone}, "path": {"foundations"}, "cadence": {"daily"},
			"time": {"12:00"},
			"zone": {"UTC"}, "consent": {"on"}, "adult": {"on"}})
	}
	typed := ""
	for command, answer := range answers {
		if strings.Contains(commands, command) {
			typed = answer
		}
	}
	out, status := g.enter(t, commands, typed)
	if (status != 0) != strings.Contains(commands, unwell) {
		t.Fatalf("it ends with %d and says\n%s\n%s", status, out, g.lastLog(t))
	}
	for _, file := range regexp.MustCompile(`/tmp/letters-[-0-9a-z.]+`).FindAllString(out, -1) {
		_ = os.Remove(file)
	}
	if strings.HasPrefix(commands, "make deploy") {
		first := g.out == nil
		g.readOutputs(t, "mend")
		g.allowForEmulator(t)
		if first {
			g.makeReceiptRules(t)
			g.front.open(t, g.emulator.Endpoint+"/_aws/execute-api/"+g.physical(t)["Api"]+"/$default")
		}
	}
}

// enter types commands into the shell, where ARN stands for the last that was printed. It returns
// what they print, and the status of the last that fails.
func (g *guide) enter(t *testing.T, commands, typed string) (says string, status int) {
	t.Helper()
	const end = "=== that was it: "
	if first, rest, ok := strings.Cut(commands, "\n"); ok && strings.Contains(rest, " ARN ") {
		out, status := g.enter(t, first, "")
		arn := regexp.MustCompile(`arn:[a-z0-9:/-]+`).FindString(out)
		if status != 0 || arn == "" {
			t.Fatalf("%s ends with %d and says\n%s", first, status, out)
		}
		commands = strings.ReplaceAll(rest, " ARN ", " "+arn+" ")
	}
	block, input := filepath.Join(g.dir, "block"), filepath.Join(g.dir, "input")
	for path, text := range map[string]string{block: commands + "\n", input: typed} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := fmt.Fprintf(g.shell, "bad=0; trap 'bad=$?' ERR; . %s <%s 2>&1; trap - ERR; echo '%s'$bad\n", block,
		input, end)
	if err != nil {
		t.Fatal(err)
	}
	for {
		line, err := g.says.ReadString('\n')
		if err != nil {
			t.Fatalf("the shell ended: %v\n%s", err, says)
		}
		if before, after, found := strings.Cut(line, end); found {
			if _, err := fmt.Sscan(after, &status); err != nil {
				t.Fatal(err)
			}
			return says + before, status
		}
		says += line
	}
}
