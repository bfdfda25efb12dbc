package dynamo_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"example.org/mend/infra/emulators"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamo"
	"example.org/mend/shared/store/dynamo/dynamotest"
	"example.org/mend/shared/store/tabletest"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

func TestOnDynamoDBLocal(t *testing.T) {
	t.Parallel()
	client := clientOf(emulators.DynamoDBLocal(t).Endpoint)
	testOn(t, client, local)
	t.Run("refusals", func(t *testing.T) { // of which ministack knows few
		tabletest.Refusals(t, func(t *testing.T) store.Table { return newTable(t, client) }, false)
	})
}

func TestOnMinistack(t *testing.T) {
	t.Parallel()
	testOn(t, clientOf(emulators.Ministack(t).Endpoint), ministack)
}

func testOn(t *testing.T, client *dynamodb.Client, on emulator) {
	t.Run("suite", func(t *testing.T) {
		tabletest.Run(t, func(t *testing.T) store.Table { return newTable(t, client) })
	})
	t.Run("consumed capacity", func(t *testing.T) { testConsumedCapacity(t, client, on) })
	t.Run("lost answers", func(t *testing.T) { testLostAnswers(t, client) })
}

// busy is how long an emulator may take on a machine that runs many tests at once.
const busy = 30 * time.Second

func clientOf(endpoint string) *dynamodb.Client {
	e := emulators.Emulator{Endpoint: endpoint}
	return dynamodb.NewFromConfig(e.Config(),
		func(o *dynamodb.Options) { o.HTTPClient = dynamo.Line(awshttp.NewBuildableClient(), busy) })
}

var tables atomic.Int64

// newTable makes an empty table with a name of its own.
func newTable(t *testing.T, client *dynamodb.Client) *dynamo.Table {
	t.Helper()
	return dynamo.NewWith(client, tableFor(t, client), dynamo.Options{AnswersWithin: busy})
}

func tableFor(t *testing.T, client *dynamodb.Client) (name string) {
	t.Helper()
	name = fmt.Sprintf("mend-%d", tables.Add(1))
	if _, err := client.CreateTable(t.Context(), dynamotest.Schema(name)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteTable(context.WithoutCancel(t.Context()),
			&dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			t.Error(err)
		}
	})
	if _, err := client.UpdateTimeToLive(t.Context(), dynamo.TimeToLive(name)); err != nil {
		t.Fatal(err)
	}
	return name
}
