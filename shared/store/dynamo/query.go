package dynamo

import (
	"math"

	"example.org/mend/shared/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

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
