package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Line is the line of the table's own client, for the clients that tests make.
func Line(client dynamodb.HTTPClient, within time.Duration) dynamodb.HTTPClient {
	return line{client, within}
}
