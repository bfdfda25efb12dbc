package dynamo

import "github.com/aws/aws-sdk-go-v2/service/dynamodb"

// InMemory is the line of the table's own client, for the clients that tests make.
func InMemory(client dynamodb.HTTPClient) dynamodb.HTTPClient { return inMemory{client} }
