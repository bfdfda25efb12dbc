package dynamo

import (
	"fmt"
	"strconv"

	"example.org/mend/shared/store"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func keyValues(k store.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{store.AttrPK: value(k.PK), store.AttrSK: value(k.SK)}
}

func values(it store.Item) map[string]types.AttributeValue {
	vs := make(map[string]types.AttributeValue, len(it))
	for name, v := range it {
		vs[name] = value(v)
	}
	return vs
}

// value is nil for a type that no item has.
func value(v any) types.AttributeValue {
	switch v := v.(type) {
	case string:
		return &types.AttributeValueMemberS{Value: v}
	case int64:
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(v, 10)}
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}
	case []byte:
		return &types.AttributeValueMemberB{Value: v}
	}
	return nil
}

// itemOf is nil for no values: no item has none.
func itemOf(vs map[string]types.AttributeValue) (store.Item, error) {
	if len(vs) == 0 {
		return nil, nil
	}
	it := make(store.Item, len(vs))
	for name, v := range vs {
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			it[name] = v.Value
		case *types.AttributeValueMemberN:
			n, err := strconv.ParseInt(v.Value, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("attribute %q is a number that is no int64", name)
			}
			it[name] = n
		case *types.AttributeValueMemberBOOL:
			it[name] = v.Value
		case *types.AttributeValueMemberB:
			it[name] = v.Value
		default:
			return nil, fmt.Errorf("attribute %q is of a type that is not ours: %T", name, v)
		}
	}
	return it, nil
}

// whole is the item of a put with its key, and shares no bytes with it.
func whole(w store.Write) store.Item {
	it := make(store.Item, len(w.Item)+2)
	for name, v := range w.Item {
		if b, ok := v.([]byte); ok {
			v = append([]byte{}, b...)
		}
		it[name] = v
	}
	it[store.AttrPK], it[store.AttrSK] = w.Key.PK, w.Key.SK
	return it
}
