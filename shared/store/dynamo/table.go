package dynamo

import (
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"example.org/mend/shared/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Table is a [store.Table] in DynamoDB; the methods are documented there. It
// may be used by many at once.
type Table struct {
	operations
	name   string
	wait   func(context.Context, time.Duration) error // until the context ends, whose error it then returns
	random func() float64                             // in [0, 1)
}

var _ store.Table = (*Table)(nil)

// Index is the name of the sparse index.
const Index = "slots"

// operations are those of the client that a table uses. A field of its type would link all of its
// methods into a function that links text/template, which looks methods up by name.
type operations struct {
	getItem      operation[dynamodb.GetItemInput, dynamodb.GetItemOutput]
	batchGetItem operation[dynamodb.BatchGetItemInput, dynamodb.BatchGetItemOutput]
	queryItems   operation[dynamodb.QueryInput, dynamodb.QueryOutput]
	putItem      operation[dynamodb.PutItemInput, dynamodb.PutItemOutput]
	updateItem   operation[dynamodb.UpdateItemInput, dynamodb.UpdateItemOutput]
	deleteItem   operation[dynamodb.DeleteItemInput, dynamodb.DeleteItemOutput]

	transactWriteItems    operation[dynamodb.TransactWriteItemsInput, dynamodb.TransactWriteItemsOutput]
	batchExecuteStatement operation[dynamodb.BatchExecuteStatementInput, dynamodb.BatchExecuteStatementOutput]
}

type operation[In, Out any] = func(context.Context, *In, ...func(*dynamodb.Options)) (*Out, error)

// New is the table of that name, which must have the keys and the index of template.yaml. The
// retries that the client is configured with are not used.
func New(client *dynamodb.Client, name string) *Table {
	return answeringWithin(client, name, answersWithin)
}

func answeringWithin(client *dynamodb.Client, name string, within time.Duration) *Table {
	client = dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.Retryer = aws.NopRetryer{}
		o.HTTPClient = line{o.HTTPClient, within}
	})
	return &Table{operations{
		client.GetItem, client.BatchGetItem, client.Query, client.PutItem, client.UpdateItem, client.DeleteItem,
		client.TransactWriteItems, client.BatchExecuteStatement,
	}, name, wait, rand.Float64}
}

// TimeToLive has a table remove what has expired, some time later.
func TimeToLive(table string) *dynamodb.UpdateTimeToLiveInput {
	return &dynamodb.UpdateTimeToLiveInput{
		TableName: &table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(store.AttrTTL), Enabled: aws.Bool(true),
		},
	}
}

// Get is a GetItem.
func (t *Table) Get(ctx context.Context, key store.Key) (store.Item, error) {
	in := &dynamodb.GetItemInput{TableName: &t.name, Key: keyValues(key), ConsistentRead: aws.Bool(true)}
	var out *dynamodb.GetItemOutput
	err := t.persist(ctx, freely, func() (err error) {
		out, err = t.getItem(ctx, in)
		return err
	})
	if err != nil {
		return nil, err
	}
	return itemOf(out.Item)
}

// GetEach is a BatchGetItem, and more of them for the keys that DynamoDB leaves unprocessed: beyond
// 16 MB, or when it is throttling.
func (t *Table) GetEach(ctx context.Context, keys []store.Key) ([]store.Item, error) {
	items := make([]store.Item, len(keys))
	if len(keys) == 0 {
		return items, nil
	}
	at := make(map[store.Key]int, len(keys))
	asked := types.KeysAndAttributes{Keys: make([]map[string]types.AttributeValue, len(keys))}
	for i, key := range keys {
		at[key] = i
		asked.Keys[i] = keyValues(key)
	}
	rest := map[string]types.KeysAndAttributes{t.name: asked}
	err := t.persist(ctx, freely, func() error {
		out, err := t.batchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: rest})
		if err != nil {
			return err
		}
		for _, values := range out.Responses[t.name] {
			it, err := itemOf(values)
			if err != nil {
				return err
			}
			items[at[it.Key()]] = it
		}
		if rest = out.UnprocessedKeys; len(rest) > 0 {
			return errUnprocessed
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

// Query is one Query.
func (t *Table) Query(ctx context.Context, q store.Query) (store.QueryResult, error) {
	in, ok := t.queryInput(q)
	if !ok {
		return store.QueryResult{}, nil
	}
	var out *dynamodb.QueryOutput
	err := t.persist(ctx, freely, func() (err error) {
		out, err = t.queryItems(ctx, in)
		return err
	})
	if err != nil {
		return store.QueryResult{}, err
	}
	page := store.QueryResult{Items: make([]store.Item, len(out.Items))}
	for i, values := range out.Items {
		if page.Items[i], err = itemOf(values); err != nil {
			return store.QueryResult{}, err
		}
	}
	if last, more := out.LastEvaluatedKey[sortKey(q)].(*types.AttributeValueMemberS); more {
		page.Next = last.Value
	}
	return page, nil
}

// queryInput is the request of a query; ok is false if nothing can come of it.
//
// A page goes on by a bound of the sort key rather than by ExclusiveStartKey, which
// for the index would want the item's primary key too, and the contract has the sort key alone.
func (t *Table) queryInput(q store.Query) (in *dynamodb.QueryInput, ok bool) {
	in = &dynamodb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(!q.Slots),
	}
	partition := store.AttrPK
	if q.Slots {
		partition, in.IndexName = store.AttrSlot, aws.String(Index)
	}
	if q.Limit > 0 {
		in.Limit = aws.Int32(int32(min(q.Limit, math.MaxInt32)))
	}
	var e expression
	condition := e.name(partition) + " = " + e.value(q.Partition)
	switch sort := e.name(sortKey(q)); {
	case q.After != "" && q.To != "":
		first := q.After + "\x00" // the next possible key
		if first > q.To {
			return nil, false
		}
		condition += " AND " + sort + " BETWEEN " + e.value(first) + " AND " + e.value(q.To)
	case q.After != "":
		condition += " AND " + sort + " > " + e.value(q.After)
	case q.To != "":
		condition += " AND " + sort + " <= " + e.value(q.To)
	default:
		delete(e.names, sort) // DynamoDB refuses a name that is not used
	}
	in.KeyConditionExpression = &condition
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = e.names, e.values
	return in, true
}

func sortKey(q store.Query) string {
	if q.Slots {
		return store.AttrMember
	}
	return store.AttrSK
}

// Write is a PutItem, UpdateItem or DeleteItem.
func (t *Table) Write(ctx context.Context, w store.Write) (store.Item, error) {
	repeat := doubtfully
	if len(w.Add) > 0 {
		repeat = never // it would count twice
	}
	var next store.Item
	err := t.persist(ctx, repeat, func() (err error) {
		next, err = t.attempt(ctx, w)
		return err
	})
	return next, err
}

func (t *Table) attempt(ctx context.Context, w store.Write) (store.Item, error) {
	var e expression
	condition := e.condition(w.If)
	const old = types.ReturnValuesOnConditionCheckFailureAllOld
	switch w.Op {
	case store.Put:
		next := whole(w)
		_, err := t.putItem(ctx, &dynamodb.PutItemInput{
			TableName: &t.name, Item: values(next), ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
			ReturnValuesOnConditionCheckFailure: old,
		})
		return next, conditionFailed(err)
	case store.Update:
		update := e.update(w)
		out, err := t.updateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &t.name, Key: keyValues(w.Key), UpdateExpression: update, ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
			ReturnValues: types.ReturnValueAllNew, ReturnValuesOnConditionCheckFailure: old,
		})
		if err != nil {
			return nil, conditionFailed(err)
		}
		return itemOf(out.Attributes)
	case store.Delete:
		_, err := t.deleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: &t.name, Key: keyValues(w.Key), ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
			ReturnValuesOnConditionCheckFailure: old,
		})
		return nil, conditionFailed(err)
	}
	return nil, fmt.Errorf("unknown operation %d", w.Op)
}

// conditionFailed says in the contract's words that a condition does not hold.
func conditionFailed(err error) error {
	failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	if !ok {
		return err
	}
	old, err := itemOf(failed.Item)
	if err != nil {
		return err
	}
	return &store.ConditionFailed{Old: old}
}

// Transact is a TransactWriteItems. Its token makes it safe to ask again: DynamoDB knows for
// ten minutes what it has done already.
func (t *Table) Transact(ctx context.Context, writes []store.Write) error {
	if len(writes) == 0 {
		return nil
	}
	in := &dynamodb.TransactWriteItemsInput{
		TransactItems: make([]types.TransactWriteItem, len(writes)), ClientRequestToken: aws.String(cryptorand.Text()),
	}
	for i, w := range writes {
		in.TransactItems[i] = t.transactItem(w)
	}
	err := t.persist(ctx, freely, func() error {
		_, err := t.transactWriteItems(ctx, in)
		return err
	})
	if canceled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		for i, reason := range canceled.CancellationReasons {
			if aws.ToString(reason.Code) == "ConditionalCheckFailed" {
				return &store.ConditionFailed{Index: i}
			}
		}
	}
	return err
}

func (t *Table) transactItem(w store.Write) types.TransactWriteItem {
	var e expression
	condition := e.condition(w.If)
	switch w.Op {
	case store.Put:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: &t.name, Item: values(whole(w)), ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
		}}
	case store.Update:
		update := e.update(w)
		return types.TransactWriteItem{Update: &types.Update{
			TableName: &t.name, Key: keyValues(w.Key), UpdateExpression: update, ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
		}}
	case store.Delete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &t.name, Key: keyValues(w.Key), ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
		}}
	}
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &t.name, Key: keyValues(w.Key), ConditionExpression: condition,
		ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
	}}
}
