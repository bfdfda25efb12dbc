package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/mend/shared/store"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// WriteEach is a BatchExecuteStatement, and more of them for the statements that DynamoDB puts off.
func (t *Table) WriteEach(ctx context.Context, writes []store.Write) ([]error, error) {
	if len(writes) == 0 {
		return nil, nil
	}
	b := batch{t: t, writes: writes, errs: make([]error, len(writes)), lost: make([]error, len(writes))}
	for i := range writes {
		b.pending = append(b.pending, i)
	}
	err := t.persist(ctx, freely, func() error { return b.execute(ctx) })
	someLost := slices.ContainsFunc(b.lost, func(lost error) bool { return lost != nil })
	if err != nil && len(b.pending) == len(writes) && !(someLost && errors.Is(err, store.ErrThrottled)) {
		return nil, err
	}
	for _, i := range b.pending {
		if b.errs[i] = err; b.lost[i] != nil {
			b.errs[i] = fmt.Errorf("an answer was lost: %w", b.lost[i])
		}
	}
	return b.errs, nil
}

// batch is the state of a WriteEach between its requests.
type batch struct {
	t       *Table
	writes  []store.Write
	errs    []error // of each write
	pending []int   // those that are still to be written
	lost    []error // of each write, what left it open whether it was done
}

// execute is one request with all that is pending.
func (b *batch) execute(ctx context.Context) error {
	statements := make([]types.BatchStatementRequest, len(b.pending))
	for n, i := range b.pending {
		statements[n] = statement(b.t.name, b.writes[i])
	}
	out, err := b.t.batchExecuteStatement(ctx, &dynamodb.BatchExecuteStatementInput{Statements: statements})
	if isLost(err) { // it may have written any of them
		for _, i := range b.pending {
			b.lost[i] = err
		}
	}
	if err != nil {
		return err
	}
	if len(out.Responses) != len(statements) {
		return fmt.Errorf("%d answers to %d statements", len(out.Responses), len(statements))
	}
	var again []int
	for n, i := range b.pending {
		if settled := b.settle(i, out.Responses[n]); !settled {
			again = append(again, i)
		}
	}
	if b.pending = again; len(again) > 0 {
		return errUnprocessed
	}
	return nil
}

// settle notes what became of a write. It reports false if DynamoDB put the write off.
func (b *batch) settle(i int, answer types.BatchStatementResponse) bool {
	if answer.Error == nil {
		return true
	}
	switch answer.Error.Code {
	case types.BatchStatementErrorCodeEnumThrottlingError, types.BatchStatementErrorCodeEnumRequestLimitExceeded,
		types.BatchStatementErrorCodeEnumProvisionedThroughputExceeded,
		types.BatchStatementErrorCodeEnumTransactionConflict:
		return false
	case types.BatchStatementErrorCodeEnumInternalServerError: // it may have been done
		b.lost[i] = fmt.Errorf("the statement met an %s", answer.Error.Code)
		return false
	case types.BatchStatementErrorCodeEnumConditionalCheckFailed, types.BatchStatementErrorCodeEnumDuplicateItem:
		old, err := itemOf(answer.Error.Item)
		switch {
		case err != nil:
			b.errs[i] = err
		case b.lost[i] != nil:
			b.errs[i] = fmt.Errorf("an answer was lost: %w", b.lost[i])
		default:
			b.errs[i] = &store.ConditionFailed{Old: old}
		}
	default:
		b.errs[i] = fmt.Errorf("the statement was refused: %s", answer.Error.Code)
	}
	return true
}

// statement says a write in PartiQL for DynamoDB, and asks for the item that stands in its way.
func statement(table string, w store.Write) types.BatchStatementRequest {
	s := partiQL{}
	if w.Op == store.Put {
		s.insert(table, whole(w))
	} else {
		s.update(table, w)
	}
	text := s.text.String()
	return types.BatchStatementRequest{
		Statement: &text, Parameters: s.parameters,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// partiQL is a statement with a parameter for each ? in it.
type partiQL struct {
	text       strings.Builder
	parameters []types.AttributeValue
}

func (s *partiQL) parameter(v any) {
	s.text.WriteByte('?')
	s.parameters = append(s.parameters, value(v))
}

func (s *partiQL) insert(table string, it store.Item) {
	s.text.WriteString("INSERT INTO " + quoted(table) + " VALUE {")
	for i, name := range slices.Sorted(maps.Keys(it)) {
		if i > 0 {
			s.text.WriteString(", ")
		}
		s.text.WriteString("'" + strings.ReplaceAll(name, "'", "''") + "': ")
		s.parameter(it[name])
	}
	s.text.WriteString("}")
}

func (s *partiQL) update(table string, w store.Write) {
	s.text.WriteString("UPDATE " + quoted(table))
	for _, name := range slices.Sorted(maps.Keys(w.Set)) {
		s.text.WriteString(" SET " + quoted(name) + "=")
		s.parameter(w.Set[name])
	}
	for _, name := range w.Remove {
		s.text.WriteString(" REMOVE " + quoted(name))
	}
	s.text.WriteString(" WHERE " + quoted(store.AttrPK) + "=")
	s.parameter(w.Key.PK)
	s.text.WriteString(" AND " + quoted(store.AttrSK) + "=")
	s.parameter(w.Key.SK)
	for _, t := range w.If {
		s.text.WriteString(" AND " + quoted(t.Attr))
		switch t.Is {
		case store.Missing:
			s.text.WriteString(" IS MISSING")
		case store.Exists:
			s.text.WriteString(" IS NOT MISSING")
		case store.NotEqual:
			s.text.WriteString(" IS NOT MISSING AND " + quoted(t.Attr) + " <> ")
			s.parameter(t.Value)
		default:
			s.text.WriteString(" = ")
			s.parameter(t.Value)
		}
	}
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
