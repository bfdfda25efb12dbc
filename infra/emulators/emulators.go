// Package emulators starts emulators of AWS for tests. infra/tools installs them, and an
// environment variable says where each is: `make test` does both, and where a variable is not set,
// the test skips.
package emulators

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Region is the one that an emulator plays.
const Region = "eu-central-1"

// Emulator is a process that ends with the test, or with the process of the test.
type Emulator struct {
	Endpoint string // its URL, on this machine alone
	log      string // the file of what it prints
}

// Ministack starts ministack, an emulator of all of AWS, with more variables in its environment if
// need be. MEND_MINISTACK is the Python that has it.
func Ministack(t *testing.T, more ...string) *Emulator {
	t.Helper()
	python, port := installed(t, "MEND_MINISTACK"), freePort(t)
	return start(t, port, append(more, "BIND_HOST=127.0.0.1", "GATEWAY_PORT="+port, "MINISTACK_REGION="+Region),
		python, "-m", "ministack")
}

// DynamoDBLocal starts Amazon's own emulator of DynamoDB. MEND_DYNAMODB_LOCAL is its directory.
func DynamoDBLocal(t *testing.T) *Emulator {
	t.Helper()
	dir, port := installed(t, "MEND_DYNAMODB_LOCAL"), freePort(t)
	return start(t, port, nil, "java", "-Djava.library.path="+dir, "-cp", filepath.Join(dir, "*"),
		"com.amazonaws.services.dynamodbv2.local.main.ServerRunner", "-inMemory", "-port", port)
}

// Fakecloud starts fakecloud, which refuses more of what AWS refuses than ministack does.
// MEND_FAKECLOUD is its program.
func Fakecloud(t *testing.T, flags ...string) *Emulator {
	t.Helper()
	program, port := installed(t, "MEND_FAKECLOUD"), freePort(t)
	return start(t, port, nil, append([]string{program, "--addr", "127.0.0.1:" + port}, flags...)...)
}

func installed(t *testing.T, variable string) string {
	t.Helper()
	where := os.Getenv(variable)
	if where == "" {
		t.Skipf("%s is not set: run make test, which installs the emulators", variable)
	}
	return where
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// start runs an emulator until the test is over, and returns as soon as it answers. The shell holds
// our end of a pipe as its input: however this process ends, the pipe closes, and the shell ends
// the emulator.
func start(t *testing.T, port string, env []string, command ...string) *Emulator {
	t.Helper()
	const untilClosed = `"$@" & emulator=$!; read -r _; kill -9 $emulator`
	e := &Emulator{"http://127.0.0.1:" + port, filepath.Join(t.TempDir(), "log")}
	log, err := os.Create(e.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	shell := exec.Command("sh", append([]string{"-c", untilClosed, "sh"}, command...)...)
	shell.Env = slices.Concat(slices.DeleteFunc(os.Environ(), isAccount), e.account(), env)
	shell.Dir = t.TempDir()
	shell.Stdout, shell.Stderr = log, log
	stdin, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = shell.Wait() // its status is that of a killed emulator
	})
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for late := time.After(time.Minute); ; {
		if answer, err := http.Get(e.Endpoint); err == nil { // whatever it says
			answer.Body.Close()
			return e
		}
		select {
		case <-poll.C:
		case <-late:
			t.Fatalf("%s does not answer:\n%s", command[0], e.Log(t))
		}
	}
}

// Use makes the emulator the account of this process, and of those that it starts, until the test
// is over.
func (e *Emulator) Use(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); isAccount(variable) {
			t.Setenv(name, "") // and back again after the test
			os.Unsetenv(name)
		}
	}
	for _, variable := range e.account() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
}

// isAccount reports a variable that leads to somebody's real account.
func isAccount(variable string) bool { return strings.HasPrefix(variable, "AWS_") }

func (e *Emulator) account() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + e.Endpoint, "AWS_REGION=" + Region, "AWS_DEFAULT_REGION=" + Region,
		"AWS_ACCESS_KEY_ID=test",
		"AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=" + os.DevNull,
	}
}

// Config is the emulator's account, for the test's own clients.
func (e *Emulator) Config() aws.Config {
	return aws.Config{
		Region: Region, BaseEndpoint: &e.Endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
}

// Log is all that the emulator has printed.
func (e *Emulator) Log(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(e.log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
