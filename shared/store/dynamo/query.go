package dynamo

import (
	"math"
	"strings"
	"unicode/utf8"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamolimits"

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
	first, last, some := span(q)
	switch sort := e.name(sortKey(q)); {
	case !some:
		return nil, false
	case q.Prefix != "" && q.After == "":
		condition += " AND begins_with(" + sort + ", " + e.value(q.Prefix) + ")"
	case first != "" && last != "":
		condition += " AND " + sort + " BETWEEN " + e.value(first) + " AND " + e.value(last)
	case first != "":
		condition += " AND " + sort + " >= " + e.value(first)
	case last != "":
		condition += " AND " + sort + " <= " + e.value(last)
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

// span is the run of sort keys that a query asks for, both ends included and empty for
// none; some is false if there is nothing between them.
func span(q store.Query) (first, last string, some bool) {
	first, last = q.From, q.To
	if q.Prefix != "" {
		first, last = q.Prefix, lastWith(q.Prefix)
	}
	if q.After != "" {
		first = max(first, q.After+"\x00") // the next possible key
	}
	return first, last, len(first) <= dynamolimits.SortBytes && (last == "" || first <= last)
}

// lastWith is the last sort key that begins with a prefix.
func lastWith(prefix string) string {
	var b strings.Builder
	b.WriteString(prefix)
	for _, most := range []string{string(utf8.MaxRune), "\uffff", "\u07ff", "\x7f"} {
		for b.Len()+len(most) <= dynamolimits.SortBytes {
			b.WriteString(most)
		}
	}
	return b.String()
}
