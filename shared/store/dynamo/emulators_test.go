package dynamo_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamo"
	"example.org/mend/shared/store/storetest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The emulators are installed by infra/tools; `make test` says where they are.
const (
	localVar     = "MEND_DYNAMODB_LOCAL" // the directory of DynamoDB Local
	ministackVar = "MEND_MINISTACK"      // the Python that has ministack
)

func TestOnDynamoDBLocal(t *testing.T) {
	t.Parallel()
	testOn(t, startDynamoDBLocal(t), local)
}

func TestOnMinistack(t *testing.T) {
	t.Parallel()
	testOn(t, startMinistack(t), ministack)
}

func testOn(t *testing.T, client *dynamodb.Client, on emulator) {
	t.Run("suite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Table { return newTable(t, client) })
	})
	t.Run("consumed capacity", func(t *testing.T) { testConsumedCapacity(t, client, on) })
	t.Run("lost answers", func(t *testing.T) { testLostAnswers(t, client) })
}

func startDynamoDBLocal(t *testing.T) *dynamodb.Client {
	t.Helper()
	dir := os.Getenv(localVar)
	if dir == "" {
		t.Skipf("%s is not set: run make test, which installs DynamoDB Local", localVar)
	}
	port := freePort(t)
	return start(t, port, nil, "java", "-Djava.library.path="+dir, "-cp", filepath.Join(dir, "*"),
		"com.amazonaws.services.dynamodbv2.local.main.ServerRunner", "-inMemory", "-port", port)
}

func startMinistack(t *testing.T) *dynamodb.Client {
	t.Helper()
	python := os.Getenv(ministackVar)
	if python == "" {
		t.Skipf("%s is not set: run make test, which installs ministack", ministackVar)
	}
	port := freePort(t)
	return start(t, port, []string{"BIND_HOST=127.0.0.1", "GATEWAY_PORT=" + port}, python, "-m", "ministack")
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

// start runs an emulator until the test is over. The shell holds our end of a pipe as its input:
// however this process ends, the pipe closes, and the shell ends the emulator.
func start(t *testing.T, port string, env []string, command ...string) *dynamodb.Client {
	t.Helper()
	const untilClosed = `"$@" & emulator=$!; read -r _; kill -9 $emulator`
	output := filepath.Join(t.TempDir(), "output")
	log, err := os.Create(output)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	shell := exec.Command("sh", append([]string{"-c", untilClosed, "sh"}, command...)...)
	shell.Env = append(os.Environ(), env...)
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

	client := clientOf("http://127.0.0.1:" + port)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		if _, err = client.ListTables(ctx, &dynamodb.ListTablesInput{}); err == nil {
			tick.Stop()
			return client
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			said, _ := os.ReadFile(output)
			t.Fatalf("%s did not start: %v\n%s", command[0], err, said)
		}
	}
}

func clientOf(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint,
		Region:       "eu-central-1",
		HTTPClient:   dynamo.InMemory(awshttp.NewBuildableClient()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}

var tables atomic.Int64

// newTable makes an empty table with a name of its own.
func newTable(t *testing.T, client *dynamodb.Client) *dynamo.Table {
	t.Helper()
	return dynamo.New(client, tableFor(t, client), dynamo.Options{})
}

func tableFor(t *testing.T, client *dynamodb.Client) (name string) {
	t.Helper()
	name = fmt.Sprintf("mend-%d", tables.Add(1))
	if _, err := client.CreateTable(t.Context(), dynamo.Schema(name)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			t.Error(err)
		}
	})
	if _, err := client.UpdateTimeToLive(t.Context(), dynamo.TimeToLive(name)); err != nil {
		t.Fatal(err)
	}
	return name
}
