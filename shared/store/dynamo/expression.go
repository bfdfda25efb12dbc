package dynamo

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"example.org/mend/shared/store"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// expression gathers the names and values that the expressions of one request stand
// for: every name has a placeholder, since some hundreds of words are reserved.
type expression struct {
	names  map[string]string // by placeholder
	values map[string]types.AttributeValue
}

func (e *expression) name(attr string) string {
	for p, known := range e.names {
		if known == attr {
			return p
		}
	}
	if e.names == nil {
		e.names = map[string]string{}
	}
	p := "#" + strconv.Itoa(len(e.names))
	e.names[p] = attr
	return p
}

func (e *expression) value(v any) string {
	if e.values == nil {
		e.values = map[string]types.AttributeValue{}
	}
	p := ":" + strconv.Itoa(len(e.values))
	e.values[p] = value(v)
	return p
}

// condition is nil for one that always holds.
func (e *expression) condition(c store.Condition) *string {
	if len(c) == 0 {
		return nil
	}
	tests := make([]string, len(c))
	for i, t := range c {
		tests[i] = e.test(t)
	}
	s := strings.Join(tests, " AND ")
	return &s
}

func (e *expression) test(t store.Test) string {
	name := e.name(t.Attr)
	switch t.Is {
	case store.Missing:
		return "attribute_not_exists(" + name + ")"
	case store.Exists:
		return "attribute_exists(" + name + ")"
	case store.NotEqual: // DynamoDB's own holds where there is none
		return "attribute_exists(" + name + ") AND " + name + " <> " + e.value(t.Value)
	}
	return name + " = " + e.value(t.Value)
}

// update says what an update changes.
func (e *expression) update(w store.Write) *string {
	var clauses []string
	clause := func(verb string, changes []string) {
		if len(changes) > 0 {
			clauses = append(clauses, verb+strings.Join(changes, ", "))
		}
	}
	var set, add, remove []string
	for _, attr := range slices.Sorted(maps.Keys(w.Set)) {
		set = append(set, e.name(attr)+" = "+e.value(w.Set[attr]))
	}
	for _, attr := range slices.Sorted(maps.Keys(w.Add)) {
		add = append(add, e.name(attr)+" "+e.value(w.Add[attr]))
	}
	for _, attr := range w.Remove {
		remove = append(remove, e.name(attr))
	}
	clause("SET ", set)
	clause("ADD ", add)
	clause("REMOVE ", remove)
	s := strings.Join(clauses, " ")
	return &s
}
