//go:build undone

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// edit is a change of one file.
type edit struct{ file, was, becomes string }

// undone are lines that AWS needs and that an emulator would not miss. Each is undone in a copy of
// the repository, and one check of TestDeployedStack has to fail there, for that reason.
var undone = []struct {
	name        string
	edits       []edit
	check, says string
}{
	{"the send role may not name the recipient's identity",
		[]edit{{"template.yaml", "${AWS::AccountId}:identity/*", "${AWS::AccountId}:identity/${MailDomain}"}},
		"the first letter of an account in the sandbox", "0 confirmations have come, want 1"},
	{"ten letters in a batch sleep until their turns",
		[]edit{
			{"template.yaml", "BatchSize: 1 # each waits for its turn", "BatchSize: 10 # each waits for its turn"},
			{"shared/sending/pace.go", "const longestSleep = 5 * time.Second", "const longestSleep = 5 * time.Minute"},
		},
		"at the rate of a new account", "they slept longer than the function lives"},
	{"SES's greeting is not known",
		[]edit{{"functions/internal/batch/batch.go", `const greeting = "Successfully validated SNS topic`,
			`const greeting = "Validated SNS topic`}},
		"what SES says first is acknowledged", "messages are not worked through within a minute"},
	{"connections are kept for a minute and a half",
		[]edit{{"shared/post/ses/mailer.go", "const idleFor = 5 * time.Second", "const idleFor = 90 * time.Second"}},
		"a function that was frozen", "connection reset by peer"},
	{"replies are kept for two days",
		[]edit{{"template.yaml", "MessageRetentionPeriod: 1209600 # a reply",
			"MessageRetentionPeriod: 172800 # a reply"}},
		"mail in", "the ReceiptQueue keeps messages for 172800 s"},
	{"bounces are kept for four days",
		[]edit{{"template.yaml", "MessageRetentionPeriod: 1209600 # and so does",
			"MessageRetentionPeriod: 345600 # and so does"}},
		"mail in", "the FeedbackQueue keeps messages for 345600 s"},
	{"the queues may run more functions than the account",
		[]edit{{"template.yaml", "ScalingConfig: { MaximumConcurrency: 2 }",
			"ScalingConfig: { MaximumConcurrency: 10 }"}},
		"when everything is busy at once", "invocations were throttled"},
}

func TestEachLineThatAWSNeedsIsMissed(t *testing.T) {
	copied := copyOfRepository(t)
	var checks []string
	for _, u := range undone {
		checks = append(checks, u.check)
	}
	t.Run("nothing undone", func(t *testing.T) {
		if out, err := runChecks(t, copied, checks...); err != nil {
			t.Fatalf("the checks fail as it is: %v\n%s", err, out)
		}
	})
	if t.Failed() {
		return
	}
	for _, u := range undone {
		t.Run(u.name, func(t *testing.T) {
			for _, e := range u.edits {
				path := filepath.Join(copied, e.file)
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if n := strings.Count(string(text), e.was); n != 1 {
					t.Fatalf("%s has %q %d times, want once", e.file, e.was, n)
				}
				defer func() { _ = os.WriteFile(path, text, 0o644) }()
				if err := os.WriteFile(path, []byte(strings.Replace(string(text), e.was, e.becomes, 1)),
					0o644); err != nil {
					t.Fatal(err)
				}
			}
			out, err := runChecks(t, copied, u.check)
			failed := strings.Contains(out, "--- FAIL: TestDeployedStack/"+strings.ReplaceAll(u.check, " ", "_"))
			if err == nil || !failed || !strings.Contains(out, u.says) {
				t.Errorf("%q: %v; want that it fails and says %q\n%s", u.check, err, u.says, out)
			}
		})
	}
}

// runChecks deploys what the copy holds to an emulator of its own, and runs some of the checks.
func runChecks(t *testing.T, copied string, checks ...string) (string, error) {
	t.Helper()
	pattern := "^TestDeployedStack$/^(" + strings.ReplaceAll(strings.Join(checks, "|"), " ", "_") + ")$"
	command := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-trimpath", "-tags", "e2e", "-timeout",
		"20m", "-run", pattern, "./infra/e2e")
	command.Dir = copied
	out, err := command.CombinedOutput()
	return string(out), err
}
